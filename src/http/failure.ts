import { KeysUnavailable } from "../identity/keySet.ts";
import { JournalUnavailable } from "../live/journal.ts";
import { OutcomeUnknown, StoreUnavailable } from "../ports/failures.ts";
import { type Problem, problem, unavailable } from "./problem.ts";

const TEMPORARY = [JournalUnavailable, StoreUnavailable, OutcomeUnknown, KeysUnavailable] as const;

/** Whether trying again may do what this error kept from happening. */
export function isTemporary(error: unknown): boolean {
  return TEMPORARY.some((kind) => error instanceof kind);
}

/** What somebody is told of an error that nobody expected: nothing of it. */
export function problemOf(error: unknown): Problem {
  return isTemporary(error) ? unavailable() : problem("internal", "Something went wrong on our side.");
}
