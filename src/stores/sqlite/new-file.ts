import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { syncFolder } from "../../files/sync-folder.ts";
import { bringUpToDate } from "./schema.ts";

/** SQLite's own default, said so that it can be counted on. */
export const PAGE_BYTES = 4096;

/**
 * Makes a data file where there is none: whole under another name first, so that an empty or half-made file under its own
 * name is never a new one, but what is left of an old one. Processes that do so at once make one file.
 * @throws what SQLite or the file system throws
 */
export function makeDataFile(path: string): void {
  if (existsSync(path)) return;
  const making = `${path}.new`;
  const db = new DatabaseSync(making);
  try {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE`);
    db.exec("BEGIN EXCLUSIVE; COMMIT");
    // From here on nobody else makes it; who held the lock before may have finished meanwhile.
    if (existsSync(path)) {
      rmSync(making, { force: true });
      return;
    }
    bringUpToDate(db);
    renameSync(making, path);
    syncFolder(dirname(path));
  } finally {
    db.close();
    rmSync(`${making}-journal`, { force: true });
  }
}
