import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Marks of this process. */
const marks = new Set<string>();
// However the process ends by itself, the data file is closed with it; after a SIGKILL the mark is there.
process.on("exit", () => {
  for (const mark of marks) rmSync(mark, { force: true });
});

/** The empty file beside a data file that says: in use, or not closed properly, so that its write-ahead log belongs to it. */
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
  marks.add(markOf(path));
}

/** To be called before the data file is closed: a mark without a log would tell of a loss. */
export function unmarkInUse(path: string): void {
  rmSync(markOf(path), { force: true });
  marks.delete(markOf(path));
}
