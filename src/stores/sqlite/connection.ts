import { DatabaseSync } from "node:sqlite";
import { CHECKPOINT_PAGES } from "./file-look.ts";
import { unmarkInUse } from "./in-use-mark.ts";
import { bringUpToDate, checkIsUpToDate } from "./schema.ts";
import { reasonOf, SQLITE, sqliteCode } from "./sqlite-error.ts";

/**
 * Opens a data file for this process alone, with its schema brought up to date and no mark of use; or for reading, as it is.
 * @throws CannotOpenData: its schema; else what SQLite throws
 */
export function openConnection(path: string, forReading: boolean): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: forReading });
  try {
    if (forReading) {
      // As long as it is open, no server can start on it, for that takes the whole file for itself.
      checkIsUpToDate(db);
      return db;
    }
    // EXCLUSIVE before WAL: the lock is taken with the first access and kept, and no shared memory file is needed.
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    db.exec("PRAGMA journal_mode = WAL");
    // The lock is ours, the log taken in. From here on closing it, even after a failure, deletes the log: what becomes of
    // that is told by this opening's own mark.
    unmarkInUse(path);
    db.exec("PRAGMA synchronous = FULL");
    db.exec("PRAGMA foreign_keys = ON");
    // Forgotten content is overwritten, freed pages too (docs/decisions/0009-retention.md says what that costs).
    db.exec("PRAGMA secure_delete = ON");
    db.exec("PRAGMA cache_size = -32768");
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.exec("PRAGMA journal_size_limit = 67108864");
    bringUpToDate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** In a sentence, with what to do about it. */
export function whyNotOpened(error: unknown, path: string): string {
  switch (sqliteCode(error)) {
    case SQLITE.BUSY:
      return `another process uses this data folder (${path})`;
    case SQLITE.NOTADB:
    case SQLITE.CORRUPT:
      return `${path} is damaged, or no data file of this program (${reasonOf(error)}): restore it from a backup`;
    case SQLITE.READONLY:
    case SQLITE.CANTOPEN:
      return `${path} cannot be written: its folder, and the files in it, have to be this user's to write (${reasonOf(error)})`;
    case SQLITE.FULL:
      return `${path} cannot be written: its disk is full`;
    default:
      return `${path} cannot be opened: ${reasonOf(error)}`;
  }
}
