import { closeSync, existsSync, openSync, readSync, writeSync } from "node:fs";
import { isOpenHere } from "./in-use-mark.ts";

/** Where SQLite's header holds `PRAGMA application_id` (https://www.sqlite.org/fileformat2.html#the_database_header). */
const AT_BYTE = 68;
/** Not 0, which is every other data file's. */
const BACKUP = Buffer.from("CLSb", "latin1");

/** Says in a copy, which nobody has open, that no server was ever started on it. @throws what the file system throws */
export function markAsBackup(path: string): void {
  const file = openSync(path, "r+");
  try {
    writeSync(file, BACKUP, 0, BACKUP.length, AT_BYTE);
  } finally {
    closeSync(file);
  }
}

/**
 * Whether a data file is a backup on which no server was started yet. Its write-ahead log is not asked. Not to be asked
 * once this process has the file open: closing any descriptor of a file gives up all locks that the process has on it
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 * @throws what the file system throws
 */
export function isBackup(path: string): boolean {
  // Who has it open has cleared the mark, and a second opener is refused.
  if (isOpenHere(path) || !existsSync(path)) return false;
  const file = openSync(path, "r");
  try {
    const found = Buffer.alloc(BACKUP.length);
    readSync(file, found, 0, found.length, AT_BYTE);
    return found.equals(BACKUP);
  } finally {
    closeSync(file);
  }
}

/** Takes the mark away, once what it does is in the data file itself. */
export const NO_BACKUP_ANY_MORE = "PRAGMA application_id = 0";
