import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import { DUPLICATE_KEY, wasNotStored } from "./answer.ts";

/** What a server answers to the command `insert`. */
export interface InsertReply {
  readonly n?: number;
  readonly writeErrors?: readonly { readonly index: number; readonly code: number }[];
  readonly writeConcernError?: object;
}

/** What became of one document. `duplicate`: another stands in its place, or the same one. */
export type Outcome = "stored" | "duplicate" | StoreUnavailable | OutcomeUnknown;

/**
 * Reads an answer to an unordered insert of `count` documents. A document without an error of its own is durable only if
 * the answer says so of all of them together.
 */
export function outcomesOf({ n, writeErrors = [], writeConcernError }: InsertReply, count: number): Outcome[] {
  const isComplete = n === count - writeErrors.length && writeConcernError === undefined;
  const otherwise: Outcome = isComplete ? "stored" : new OutcomeUnknown("the database does not say that it is durable");
  const outcomes = Array.from({ length: count }, (): Outcome => otherwise);
  for (const { index, code } of writeErrors) {
    if (code === DUPLICATE_KEY) outcomes[index] = "duplicate";
    else
      outcomes[index] = new (wasNotStored(code) ? StoreUnavailable : OutcomeUnknown)(`the database answered ${code}`);
  }
  return outcomes;
}
