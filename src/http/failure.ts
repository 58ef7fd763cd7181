import { KeysUnavailable } from "../identity/keySet.ts";
import { JournalUnavailable } from "../live/journal.ts";
import { OutcomeUnknown, StoredDataDamaged, StoreUnavailable } from "../ports/failures.ts";
import { type Problem, problem, unavailable } from "./problem.ts";

/** What is damaged can be put back by whoever reads the log; until then it is not to be had, and the rest is. */
const TEMPORARY = [JournalUnavailable, StoreUnavailable, OutcomeUnknown, StoredDataDamaged, KeysUnavailable] as const;

/** Whether trying again may do what this error kept from happening. */
export function isTemporary(error: unknown): boolean {
  return TEMPORARY.some((kind) => error instanceof kind);
}

/** What somebody is told of an error that nobody expected: nothing of it. */
export function problemOf(error: unknown): Problem {
  return isTemporary(error) ? unavailable() : problem("internal", "Something went wrong on our side.");
}
