import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";

/** Data files that this process has open. */
const open = new Set<string>();
// However the process ends by itself, its data files are closed with it; after a SIGKILL the mark is there.
process.on("exit", () => {
  for (const path of open) unmarkInUse(path);
});

/** The empty file beside a data file that says: not closed properly, so that its write-ahead log belongs to it. */
export function markOf(path: string): string {
  return `${path}-open`;
}

/** Whether whoever used the data file last did not close it. */
export function isMarkedInUse(path: string): boolean {
  return existsSync(markOf(path));
}

/** To be called when something stands in the write-ahead log. @throws where the folder takes no file */
export function markInUse(path: string): void {
  writeFileSync(markOf(path), "");
}

/** To be called before the log is emptied or deleted: a mark without a log would tell of a loss. */
export function unmarkInUse(path: string): void {
  rmSync(markOf(path), { force: true });
}

/** The mark goes with this process, unless that is killed. @returns to be called once the data file is closed */
export function unmarkAtExit(path: string): () => void {
  open.add(path);
  return () => open.delete(path);
}

/** Whether this process has the data file open for itself, by whatever name. */
export function isOpenHere(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return false;
  return [...open].some((other) => {
    const opened = statSync(other, { throwIfNoEntry: false });
    return opened?.ino === file.ino && opened.dev === file.dev;
  });
}
