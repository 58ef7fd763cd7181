import { closeSync, fsyncSync, openSync } from "node:fs";

/** How file systems say that folders are not synced on them, or not opened at all. */
const NOT_FOR_FOLDERS: ReadonlySet<unknown> = new Set([
  "EINVAL",
  "ENOTSUP",
  "ENOSYS",
  "EISDIR",
  "EPERM",
  "EACCES",
  "EBADF",
]);

/**
 * Waits until the names in a folder are on the disk: a file's name is there when its folder is. Where the file system has no
 * such thing (Windows, some shares), it sees to that by itself or nobody can.
 * @throws what the file system throws
 */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  let folder: number | undefined;
  try {
    folder = openSync(path, "r");
    fsyncSync(folder);
  } catch (error) {
    if (!NOT_FOR_FOLDERS.has((error as NodeJS.ErrnoException).code)) throw error;
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
