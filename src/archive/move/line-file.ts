import { createHash, type Hash } from "node:crypto";
import { access, type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../../files/sync-folder.ts";

/** Written at once, in characters: less costs more calls. */
const BUFFER_CHARACTERS = 1024 * 1024;
/** What is hidden at the table stands in it too. */
const OWNER_ALONE = 0o600;

/** A place in a file that is being written, to go back to. */
export interface Mark {
  readonly bytes: number;
  readonly hash: Hash;
}

/** A file that cannot be written as asked for; the message says why. */
export class CannotWriteFile extends Error {
  override readonly name = "CannotWriteFile";
}

/**
 * A new file of lines of JSON, with a running checksum. It has another name until it is finished, so that under its own
 * name it is whole or not there at all.
 */
export class LineFile {
  readonly #path: string;
  readonly #draftPath: string;
  readonly #file: FileHandle;
  #hash = createHash("sha256");
  /** written so far */
  #bytes = 0;
  #buffer: string[] = [];
  #buffered = 0;

  private constructor(path: string, draftPath: string, file: FileHandle) {
    this.#path = path;
    this.#draftPath = draftPath;
    this.#file = file;
  }

  /** @throws CannotWriteFile where there is one of that name, or none can be made */
  static async create(path: string): Promise<LineFile> {
    await refuseExisting(path);
    const draftPath = `${path}.${process.pid}.partial`;
    try {
      return new LineFile(path, draftPath, await open(draftPath, "w", OWNER_ALONE));
    } catch (error) {
      throw new CannotWriteFile(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
    }
  }

  /** Appends a line. It may still be in memory when this resolves. */
  async write(line: object): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    this.#buffer.push(text);
    this.#buffered += text.length;
    if (this.#buffered >= BUFFER_CHARACTERS) await this.#flush();
  }

  /** The place after the last line. */
  async mark(): Promise<Mark> {
    await this.#flush();
    return { bytes: this.#bytes, hash: this.#hash.copy() };
  }

  /** Takes back all lines after a place. */
  async goBack({ bytes, hash }: Mark): Promise<void> {
    this.#buffer = [];
    this.#buffered = 0;
    await this.#file.truncate(bytes);
    this.#bytes = bytes;
    this.#hash = hash.copy();
  }

  /** SHA-256 (hex) over all lines so far, line feeds included. */
  async sha256(): Promise<string> {
    await this.#flush();
    return this.#hash.copy().digest("hex");
  }

  /** Puts the file on the disk, under its name. @throws CannotWriteFile where another came there meanwhile */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    await refuseExisting(this.#path);
    await rename(this.#draftPath, this.#path);
    syncFolder(dirname(this.#path));
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined); // closed already, where finishing failed
    await rm(this.#draftPath, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#buffer.join(""), "utf8");
    this.#buffer = [];
    this.#buffered = 0;
    this.#hash.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
      done += bytesWritten;
    }
    this.#bytes += bytes.length;
  }
}

async function refuseExisting(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CannotWriteFile(`${path} is there already: name another file with --to`);
}
