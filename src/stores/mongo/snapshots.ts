import { randomUUID } from "node:crypto";
import type { KeptSnapshot } from "../../ports/archive.ts";
import type { Snapshots, StoredSnapshot } from "../../ports/snapshots.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import type { Models, SnapshotDocument } from "./models.ts";
import { Parts } from "./parts.ts";

/** Snapshots in MongoDB: the parts first, and the head, which makes them a snapshot, last. */
export class MongoSnapshots implements Snapshots {
  readonly #heads: Models["snapshots"];
  readonly #parts: Parts;

  constructor({ snapshots, snapshotParts }: Models) {
    this.#heads = snapshots;
    this.#parts = new Parts(snapshotParts);
  }

  async save({ sessionId, pos, sha256, text }: StoredSnapshot): Promise<void> {
    const saveId = randomUUID();
    const parts = await this.#parts.put(sessionId, saveId, Buffer.from(text, "utf8"));
    const former = await this.#putHead(sessionId, pos, { sha256, saveId, parts });
    if (former !== null) await this.#parts.drop(former.saveId, former.parts);
  }

  async positions(sessionId: string): Promise<number[]> {
    return (await this.kept(sessionId)).filter(({ isWhole }) => isWhole).map(({ pos }) => pos);
  }

  async load(sessionId: string, pos: number): Promise<StoredSnapshot | undefined> {
    const head = await reading(this.#heads.findOne({ sessionId, pos }).lean<SnapshotDocument>().exec());
    if (head === null) return undefined;
    const bytes = await this.#parts.get(head.saveId, head.parts);
    return bytes === undefined ? undefined : { sessionId, pos, sha256: head.sha256, text: bytes.toString("utf8") };
  }

  async dropBefore(sessionId: string, pos: number): Promise<void> {
    const heads = await this.#headsOf(sessionId);
    const older = heads.filter((head) => head.pos < pos);
    // Heads first: parts without one are no snapshot, and are swept up by the next save's drop if we end in between.
    await writing(this.#heads.deleteMany({ _id: { $in: older.map(({ _id }) => _id) } }).exec());
    for (const { saveId, parts } of older) await this.#parts.drop(saveId, parts);
    const kept = heads.filter((head) => head.pos >= pos).map(({ saveId }) => saveId);
    await this.#parts.dropOthers(sessionId, kept);
  }

  /** All of a session, newest first, those with missing parts too. @throws StoreUnavailable */
  async kept(sessionId: string): Promise<KeptSnapshot[]> {
    const heads = await this.#headsOf(sessionId);
    const areWhole = await Promise.all(heads.map(({ saveId, parts }) => this.#parts.areThere(saveId, parts)));
    return heads.map(({ pos, sha256 }, i) => ({ pos, sha256, isWhole: areWhole[i] === true }));
  }

  async drop(sessionId: string, pos: number): Promise<void> {
    const head = await writing(this.#heads.findOneAndDelete({ sessionId, pos }).lean<SnapshotDocument>().exec());
    if (head !== null) await this.#parts.drop(head.saveId, head.parts);
  }

  /** Makes a save the snapshot at its position. @returns the head that stood there, null where none did */
  async #putHead(
    sessionId: string,
    pos: number,
    save: Pick<SnapshotDocument, "sha256" | "saveId" | "parts">,
  ): Promise<SnapshotDocument | null> {
    for (;;) {
      const options = { upsert: true, returnDocument: "before", runValidators: true } as const;
      try {
        return await writing(
          this.#heads.findOneAndUpdate({ sessionId, pos }, { $set: save }, options).lean<SnapshotDocument>().exec(),
        );
      } catch (error) {
        // Another save made the head in between: now there is one to replace.
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  #headsOf(sessionId: string): Promise<SnapshotDocument[]> {
    return reading(this.#heads.find({ sessionId }).sort({ pos: -1 }).lean<SnapshotDocument[]>().exec());
  }
}
