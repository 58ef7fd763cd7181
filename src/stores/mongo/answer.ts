import { mongo } from "mongoose";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";

/** No call waits longer for the database: it fails then, and what it wrote is in doubt. */
export const ANSWER_WITHIN_MS = 2_500;
/** The database itself gives up a query after this. */
export const QUERY_WITHIN_MS = 2_000;

/** A unique key is taken. */
export const DUPLICATE_KEY = 11_000;
/** No primary, or none that may write; no right to. The server says so before it does anything. */
const REFUSED: ReadonlySet<unknown> = new Set([10_107, 13_435, 13, 18]);
/** Errors of the driver from before anything was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "MongoServerSelectionError",
  "MongoWaitQueueTimeoutError",
  "MongoPoolClearedError",
  "MongoPoolClosedError",
  "MongoNotConnectedError",
  "MongoTopologyClosedError",
  "MongoClientClosedError",
  "MongooseError",
]);

/** No answer in time. The call may still be under way. */
class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Waits for an answer, at most so long. @throws what the work throws; NoAnswer */
export function within<T>(ms: number, work: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NoAnswer(`the database has not answered for ${Math.round(ms)} ms`));
    const timer = setTimeout(giveUp, Math.max(0, ms));
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}

/** Asks for what is stored. @throws StoreUnavailable */
export async function reading<T>(query: PromiseLike<T>, ms = ANSWER_WITHIN_MS): Promise<T> {
  try {
    return await within(ms, query);
  } catch (error) {
    throw new StoreUnavailable(reasonOf(error));
  }
}

/** Asks for a change. @throws StoreUnavailable (certainly not done) | OutcomeUnknown | a duplicate key, as it came */
export async function writing<T>(change: PromiseLike<T>, ms = ANSWER_WITHIN_MS): Promise<T> {
  try {
    return await within(ms, change);
  } catch (error) {
    if (isDuplicate(error)) throw error;
    if (wasNotDone(error)) throw new StoreUnavailable(reasonOf(error));
    throw new OutcomeUnknown(reasonOf(error));
  }
}

/** Whether a write failed because a unique key is taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * Whether a command that failed so has certainly done nothing, and never will: it was not sent, or refused as a whole.
 * It rests on the driver trying nothing twice (`retryWrites: false`): of two tries it would tell of the last alone.
 */
export function wasNotDone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (NEVER_SENT.has(error.name)) return true;
  if (error instanceof mongo.MongoServerError) return REFUSED.has(error.code);
  if (!(error instanceof mongo.MongoNetworkError)) return false;
  const { beforeHandshake, cause } = error as { readonly beforeHandshake?: boolean; readonly cause?: unknown };
  return beforeHandshake === true || (cause as NodeJS.ErrnoException | undefined)?.syscall === "connect";
}

/** One line without values: what the server says of a failed write names the keys it met. */
export function reasonOf(error: unknown): string {
  if (error instanceof mongo.MongoServerError) return `the database answered ${error.codeName ?? error.code}`;
  return error instanceof Error ? error.message : String(error);
}
