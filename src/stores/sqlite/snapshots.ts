import { randomUUID } from "node:crypto";
import type { Snapshots, StoredSnapshot } from "../../ports/snapshots.ts";
import type { FileAccess } from "./file-access.ts";

const PART_BYTES = 4 * 1024 * 1024;

/** Snapshots in SQLite: each part its own transaction, so that appends get their turn in between; the header last. */
export class SqliteSnapshots implements Snapshots {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async save({ sessionId, pos, sha256, text }: StoredSnapshot): Promise<void> {
    const bytes = Buffer.from(text, "utf8");
    const saveId = randomUUID();
    const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
    try {
      for (let n = 0; n < parts; n++) {
        await this.#file.call(
          "putSnapshotPart",
          saveId,
          n,
          Uint8Array.from(bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES)),
        );
      }
      await this.#file.call("finishSnapshot", { sessionId, pos, sha256, saveId, parts });
    } catch (error) {
      await this.#abort(saveId);
      throw error;
    }
  }

  async positions(sessionId: string): Promise<number[]> {
    return this.#file.call("snapshotPositions", sessionId);
  }

  async load(sessionId: string, pos: number): Promise<StoredSnapshot | undefined> {
    const header = await this.#file.call("snapshotHeader", sessionId, pos);
    if (header === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for (let n = 0; n < header.parts; n++) {
      const part = await this.#file.call("snapshotPart", header.saveId, n);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { sessionId, pos, sha256: header.sha256, text: Buffer.concat(parts).toString("utf8") };
  }

  async dropBefore(sessionId: string, pos: number): Promise<void> {
    await this.#file.call("dropSnapshotsBefore", sessionId, pos);
  }

  /** Frees the parts of a save that failed. Where that fails too, the next opening of the file does it. */
  async #abort(saveId: string): Promise<void> {
    try {
      await this.#file.call("abortSnapshot", saveId);
    } catch {
      // The failure of the save itself is what the caller has to hear.
    }
  }
}
