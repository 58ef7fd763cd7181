/** The sizes of contract sections 4 and 5. Bytes are UTF-8, values JSON text. Over any of them: `limit_exceeded`. */

export const MAX_VALUE_BYTES = 16 * 1024;
export const MAX_ENTRIES = 10_000;
/** paths and values of a whole session */
export const MAX_SESSION_BYTES = 4 * 1024 * 1024;
export const MAX_BATCH_OPS = 256;
export const MAX_COMMAND_BYTES = 256 * 1024;
export const MAX_RESULT_BYTES = 1024;

/**
 * Entries that one command may put or remove on its way, however few remain changed: a full session moved once. Without it
 * a batch of a few moves would stop the process for everybody.
 */
export const MAX_WRITES_PER_COMMAND = 2 * MAX_ENTRIES;
/** What a refusal `conflict` lists at most. */
export const MAX_CONFLICTS = 64;
export const MAX_CONFLICT_BYTES = 64 * 1024;

/** The length of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
