import { statSync } from "node:fs";
import { isMarkedInUse, markOf } from "./in-use-mark.ts";
import { PAGE_BYTES } from "./new-file.ts";
import { walContent } from "./wal-file.ts";

/**
 * Whether something of a data file is gone that SQLite itself would not miss: it deletes the write-ahead log of an empty
 * file, reads pages beyond a file's end as zeros where the log says that they are there, takes a file without its log
 * for the whole, and any log for that of the file beside it. To be asked before it opens the file: opening and closing it
 * can make the loss final.
 * @param isBackup as backup-mark.ts tells it
 * @returns what is gone and what to do, in a sentence; undefined where nothing is known to be gone
 */
export function lossIn(path: string, isBackup: boolean): string | undefined {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  const wal = walContent(`${path}-wal`);
  const wasInUse = isMarkedInUse(path);
  if (bytes === undefined && wal === undefined && !wasInUse) return undefined;
  if (bytes === undefined || bytes === 0) {
    return `${path} is ${bytes === 0 ? "empty" : "gone"}, and was not: restore it from a backup, or move what is left in its folder away to begin anew`;
  }
  if (wasInUse && isBackup) {
    return `${path} is a backup, but ${path}-wal and ${markOf(path)} are of the file that it is to replace: move them away, and start again`;
  }
  if (wal === "damaged") {
    return `${path}-wal is damaged from its beginning, and holds what was recorded last: restore both files from a backup, or delete it and ${markOf(path)} to go on without that`;
  }
  if (wal === undefined && wasInUse) {
    return `${path}-wal is gone, and with it what was recorded last: put it back. If another program closed the data file properly, or it comes from a backup, delete ${markOf(path)} and start again`;
  }
  const missing = missingPages(bytes, wal);
  if (missing === 0) return undefined;
  return `${path} has been cut short, ${missing} ${missing === 1 ? "page is" : "pages are"} gone: restore it from a backup`;
}

/** SQLite never writes the page of this byte, nor counts on it: its locks stand there. */
const LOCK_BYTE = 2 ** 30;

/** Without a log, SQLite compares its page count with the file's size, but not a part of a page. */
function missingPages(bytes: number, wal: Exclude<ReturnType<typeof walContent>, "damaged">): number {
  if (wal === undefined || wal.pageCount === 0) return bytes % PAGE_BYTES === 0 ? 0 : 1;
  const lockPage = LOCK_BYTE / wal.pageBytes + 1;
  let missing = 0;
  for (let page = Math.floor(bytes / wal.pageBytes) + 1; page <= wal.pageCount; page++) {
    if (page !== lockPage && !wal.pages.has(page)) missing++;
  }
  return missing;
}
