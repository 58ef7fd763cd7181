import { mongo } from "mongoose";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";

/** No call waits longer for the database: it fails then, and what it wrote is in doubt. */
export const ANSWER_WITHIN_MS = 2_500;
/** The database itself gives up a query after this. */
export const QUERY_WITHIN_MS = 2_000;

/** A unique key is taken. */
export const DUPLICATE_KEY = 11_000;
/**
 * What a server answers before it does anything: Unauthorized, AuthenticationFailed, FailedToSatisfyReadPreference (a
 * router finds no primary), ReauthenticationRequired, and that it is no primary (NotWritablePrimary, its older name,
 * NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary). PrimarySteppedDown, ShutdownInProgress and Interrupted… are not among
 * them: they may come when half of the work is done.
 */
const REFUSED: ReadonlySet<unknown> = new Set([13, 18, 133, 391, 10_107, 10_058, 13_435, 13_436]);
/**
 * Errors of one document by which it was certainly not stored: BadValue, InvalidBSON, DocumentValidationFailure,
 * BSONObjectTooLarge, OutOfDiskSpace, and no right or no primary. With any other a router may be telling that it lost
 * sight of a shard after it had asked it.
 */
const DOCUMENT_REFUSED: ReadonlySet<unknown> = new Set([...REFUSED, 2, 22, 121, 10_334, 14_031]);
/** Labels of a server that sent an operation back as it was: it wrote nothing, or was too busy to begin. */
const NOTHING_DONE = ["NoWritesPerformed", "RetryableError"] as const;
/** Errors of the driver from before anything was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "MongoServerSelectionError",
  "MongoWaitQueueTimeoutError",
  "MongoPoolClearedError",
  "MongoPoolClosedError",
  "MongoNotConnectedError",
  "MongoServerClosedError",
  "MongoTopologyClosedError",
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
  if (error instanceof mongo.MongoWriteConcernError) return false;
  if (error instanceof mongo.MongoServerError) {
    return REFUSED.has(error.code) || NOTHING_DONE.some((label) => error.hasErrorLabel(label));
  }
  if (!(error instanceof mongo.MongoNetworkError)) return false;
  const { beforeHandshake, cause } = error as { readonly beforeHandshake?: boolean; readonly cause?: unknown };
  return beforeHandshake === true || (cause as NodeJS.ErrnoException | undefined)?.syscall === "connect";
}

/** Whether a document of an insert was certainly not stored, by the code of its own error. */
export function wasNotStored(code: number): boolean {
  return DOCUMENT_REFUSED.has(code);
}

/** One line without values: what the server says of a failed write names the keys it met. */
export function reasonOf(error: unknown): string {
  if (error instanceof mongo.MongoServerError)
    return `the database answered ${error.codeName ?? error.code ?? "an error"}`;
  return error instanceof Error ? error.message : String(error);
}
