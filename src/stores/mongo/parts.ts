import type { Model, mongo } from "mongoose";
import { reading, writing } from "./answer.ts";
import type { PartDocument } from "./models.ts";

/** A document of a database holds 16 MB; a part is well below. */
export const PART_BYTES = 4 * 1024 * 1024;

/** Parts that nothing names and that are older than this belong to nothing under way any more. */
const ABANDONED_AFTER_MS = 3_600_000;

/** Bytes of any size, kept in parts. Whoever owns them writes a document that names them last: only then they count. */
export class Parts {
  readonly #parts: Model<PartDocument>;

  constructor(parts: Model<PartDocument>) {
    this.#parts = parts;
  }

  /** @returns how many parts it took. @throws as `writing` */
  async put(sessionId: string, whole: string, bytes: Buffer): Promise<number> {
    const parts = Math.ceil(bytes.length / PART_BYTES);
    for (let n = 0; n < parts; n++) {
      const piece = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
      await writing(this.#parts.create({ _id: idOf(whole, n), sessionId, whole, at: Date.now(), bytes: piece }));
    }
    return parts;
  }

  /** @returns undefined where a part is missing. @throws StoreUnavailable */
  async get(whole: string, parts: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let n = 0; n < parts; n++) {
      const found = await reading(this.#parts.findById(idOf(whole, n)).lean<PartDocument>().exec());
      if (found === null) return undefined;
      pieces.push(bytesOf(found.bytes));
    }
    return Buffer.concat(pieces);
  }

  /** @throws StoreUnavailable */
  async areThere(whole: string, parts: number): Promise<boolean> {
    if (parts === 0) return true;
    const found = await reading(
      this.#parts
        .find({ _id: { $in: idsOf(whole, parts) } }, { _id: 1 })
        .lean()
        .exec(),
    );
    return found.length === parts;
  }

  /** @throws as `writing` */
  async drop(whole: string, parts: number): Promise<void> {
    if (parts > 0) await writing(this.#parts.deleteMany({ _id: { $in: idsOf(whole, parts) } }).exec());
  }

  /** Drops a session's parts that belong to none of these and are abandoned. @throws as `writing` */
  async dropOthers(sessionId: string, wholes: readonly string[]): Promise<void> {
    const before = Date.now() - ABANDONED_AFTER_MS;
    await writing(this.#parts.deleteMany({ sessionId, whole: { $nin: [...wholes] }, at: { $lt: before } }).exec());
  }

  /**
   * A page of the parts that nothing under way can still come to name, by rising id, each with the whole of a session that
   * it belongs to.
   * @throws StoreUnavailable
   */
  async old(afterId: string, limit: number): Promise<Omit<PartDocument, "at" | "bytes">[]> {
    const which = { _id: { $gt: afterId }, at: { $lt: Date.now() - ABANDONED_AFTER_MS } };
    const query = this.#parts.find(which, { sessionId: 1, whole: 1 }).sort({ _id: 1 }).limit(limit);
    return reading(query.lean<Omit<PartDocument, "at" | "bytes">[]>().exec());
  }

  /** Drops parts by their ids. @throws as `writing` */
  async dropThese(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await writing(this.#parts.deleteMany({ _id: { $in: [...ids] } }).exec());
  }
}

/** Lean documents have the driver's own binary. */
function bytesOf(bytes: Buffer | mongo.Binary): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.value());
}

function idOf(whole: string, n: number): string {
  return `${whole}-${n}`;
}

function idsOf(whole: string, parts: number): string[] {
  return Array.from({ length: parts }, (_, n) => idOf(whole, n));
}
