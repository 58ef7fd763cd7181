import { type BigIntStats, closeSync, openSync, readSync, statfsSync, statSync } from "node:fs";

/** What makes a file this one and no other under the same name. Plain, so that it passes between threads. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** After so many pages in the log SQLite copies them into the data file, and begins the log anew with the next commit. */
export const CHECKPOINT_PAGES = 4000;
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * File systems on which a file's time changes when it is written to, and only then: others (shares, folders of a host) may
 * make up for it later. By `statfs`: ext, XFS, btrfs, tmpfs, overlayfs, ZFS, F2FS, bcachefs.
 */
const EXACT_TIMES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
]);

/** How a path is answered under which there is nothing (any more). Any other error says nothing about that. */
const NOTHING_THERE: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);
/** A data file and its log at a moment. */
export interface Look {
  readonly main: BigIntStats;
  readonly wal: BigIntStats | undefined;
  /** of the log; empty where nothing stands in it */
  readonly header: Buffer;
  /** the log holds as many pages as lead to a checkpoint */
  readonly isFull: boolean;
}

/** Why the file that was there is no more, in words. */
export function whyNotThere(path: string, id: FileId): string | undefined {
  let stat: BigIntStats;
  try {
    stat = statSync(path, { bigint: true });
  } catch (error) {
    return NOTHING_THERE.has((error as NodeJS.ErrnoException).code) ? `${path} is gone` : undefined;
  }
  return stat.dev === id.dev && stat.ino === id.ino ? undefined : `${path} is another file now`;
}

/** Whether a file's time is that of the last writing, exactly. @throws what the file system throws */
export function hasExactTimes(path: string): boolean {
  return process.platform === "linux" && EXACT_TIMES.has(Number(statfsSync(path).type));
}

/**
 * Which of the files somebody else wrote to between two looks. The connection itself appends to the log;
 * with a commit that makes it full, it writes into the data file; with the next one it begins the log anew, under another
 * header.
 */
export function writtenByOthers(last: Look, now: Look): "data file" | "log" | undefined {
  const isMainChanged = now.main.mtimeNs !== last.main.mtimeNs || now.main.size !== last.main.size;
  const isLogNew = !now.header.equals(last.header);
  if (isMainChanged && !(isLogNew || now.isFull || last.isFull)) return "data file";
  if (isLogNew && !(isMainChanged || last.isFull || last.header.length === 0)) return "log";
  if (!isLogNew && (now.wal?.size ?? 0n) < (last.wal?.size ?? 0n)) return "log";
  return undefined;
}

/** Undefined where it cannot be told now. Opens the log alone: to close the data file would cost its locks. */
export function lookAt(path: string): Look | undefined {
  try {
    const main = statSync(path, { bigint: true });
    const wal = statSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false });
    return { main, wal, ...(wal === undefined ? { header: Buffer.alloc(0), isFull: false } : logAt(`${path}-wal`)) };
  } catch {
    return undefined;
  }
}

/** Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. Frames of a former use have the salts of then. */
function logAt(path: string): Pick<Look, "header" | "isFull"> {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return { header: Buffer.alloc(0), isFull: false };
    const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
    const frame = Buffer.alloc(FRAME_HEADER_BYTES);
    const read = readSync(file, frame, 0, FRAME_HEADER_BYTES, HEADER_BYTES + (CHECKPOINT_PAGES - 1) * frameBytes);
    return { header, isFull: read === FRAME_HEADER_BYTES && frame.compare(header, 16, 24, 8, 16) === 0 };
  } finally {
    closeSync(file);
  }
}
