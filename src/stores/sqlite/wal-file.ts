import { closeSync, openSync, readSync } from "node:fs";

/** What a write-ahead log holds of whole commits. */
export interface WalContent {
  readonly pageBytes: number;
  /** pages of the database after the last commit, in the file and here; 0 where there is no commit */
  readonly pageCount: number;
  /** numbers of the pages that stand here */
  readonly pages: ReadonlySet<number>;
  /** where each frame of the last commit begins, in bytes from the beginning of the file */
  readonly lastCommit: readonly number[];
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

/**
 * Reads a write-ahead log of SQLite without opening the database, as its recovery would (format and checksums:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log). A torn end counts for nothing.
 * @returns undefined where there is none, or nothing in it: its header is on the disk before the first frame is written,
 * so that a torn one with nothing behind it never had any. "damaged" where it has more, and its header is no header
 */
export function walContent(path: string): WalContent | "damaged" | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES + 1);
    const length = readSync(file, header, 0, header.length, 0);
    const content = contentAfter(header, file);
    return content === "damaged" && length <= HEADER_BYTES ? undefined : content;
  } finally {
    closeSync(file);
  }
}

function contentAfter(header: Buffer, file: number): WalContent | "damaged" {
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) !== MAGIC) return "damaged";
  const sum = new Checksum((magic & 1) === 1);
  sum.add(header, 0, FRAME_HEADER_BYTES);
  if (!sum.stands(header, FRAME_HEADER_BYTES)) return "damaged";
  const pageBytes = header.readUInt32BE(8);
  const pages = new Set<number>();
  let pageCount = 0;
  let lastCommit: readonly number[] = [];
  let open: { readonly page: number; readonly at: number }[] = [];
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
  for (let at = HEADER_BYTES; readSync(file, frame, 0, frame.length, at) === frame.length; at += frame.length) {
    // A frame of a former use of the file carries the salts of then.
    if (frame.compare(header, 16, 24, 8, 16) !== 0) break;
    sum.add(frame, 0, 8);
    sum.add(frame, FRAME_HEADER_BYTES, frame.length);
    if (!sum.stands(frame, 16)) break;
    open.push({ page: frame.readUInt32BE(0), at });
    const count = frame.readUInt32BE(4);
    if (count === 0) continue;
    for (const { page } of open) pages.add(page);
    lastCommit = open.map((one) => one.at);
    pageCount = count;
    open = [];
  }
  return { pageBytes, pageCount, pages, lastCommit };
}

/** The running checksum of a write-ahead log. */
class Checksum {
  readonly #isBigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  /** @param from, to multiples of 8 apart */
  add(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at += 8) {
      const [one, two] = this.#isBigEndian
        ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
        : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
      this.#first = (this.#first + one + this.#second) >>> 0;
      this.#second = (this.#second + two + this.#first) >>> 0;
    }
  }

  stands(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }
}
