/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html) that say something about the outcome. */
export const SQLITE = {
  BUSY: 5,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** The primary result code of an error that `node:sqlite` threw; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

const CERTAIN_AT_COMMIT: ReadonlySet<number | undefined> = new Set([
  SQLITE.BUSY,
  SQLITE.NOMEM,
  SQLITE.READONLY,
  SQLITE.FULL,
]);

/**
 * Whether a COMMIT that failed so has certainly stored nothing. A commit's mark is the last thing written: where there
 * was no room or no right to write, it is not there. After an I/O error it may be: the mark can reach the disk although
 * its `fsync` failed, and a crash before the next commit would then bring the transaction back.
 */
export function nothingCommitted(error: unknown): boolean {
  return CERTAIN_AT_COMMIT.has(sqliteCode(error));
}

const OF_THE_STORE: ReadonlySet<number | undefined> = new Set(Object.values(SQLITE));

/** Whether an error concerns the whole store, and not just the one thing that was being stored. */
export function concernsWholeStore(error: unknown): boolean {
  return OF_THE_STORE.has(sqliteCode(error));
}

/** SQLite's own words; they name tables and columns, never values. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
