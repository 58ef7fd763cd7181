import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import type { BeatDocument, Models } from "./models.ts";

/** Lives of processes whose last heartbeat is kept: the newest so many. */
const LIVES_KEPT = 1_000;

/** Leases and heartbeats, a document each. */
export class MongoLeases implements Leases {
  readonly #leases: Models["leases"];
  readonly #beats: Models["beats"];
  readonly #secrets: Models["secrets"];

  constructor({ leases, beats, secrets }: Pick<Models, "leases" | "beats" | "secrets">) {
    this.#leases = leases;
    this.#beats = beats;
    this.#secrets = secrets;
  }

  async beat({ processId, ...there }: ProcessBeat): Promise<boolean> {
    const beaten = this.#beats.findOneAndUpdate(
      { _id: processId },
      { $set: { ...there, isListed: true }, $unset: { isTakenForDead: 1 } },
      { upsert: true, runValidators: true, returnDocument: "before", lean: true },
    );
    const before = await writing(beaten.exec());
    if (before === null) await this.#forgetOldest(processId);
    return before?.isTakenForDead ?? false;
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return (await reading(this.#beats.findById(processId).lean().exec()))?.beatAt;
  }

  async processes(): Promise<readonly ProcessBeat[]> {
    return (await reading(this.#beats.find({ isListed: true }).lean().exec())).map(beatOf);
  }

  async takeForDead(processId: string): Promise<void> {
    await writing(this.#beats.updateOne({ _id: processId }, { $set: { isTakenForDead: true } }).exec());
  }

  async retire(processId: string): Promise<void> {
    await writing(this.#beats.updateOne({ _id: processId }, { $unset: { isListed: 1 } }).exec());
  }

  async claim({ sessionId, processId, epoch }: Lease): Promise<Lease> {
    for (;;) {
      const lower = { _id: sessionId, epoch: { $lt: epoch } };
      try {
        await writing(
          this.#leases.updateOne(lower, { $set: { processId, epoch } }, { upsert: true, runValidators: true }).exec(),
        );
        return { sessionId, processId, epoch };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // There is one that is not lower; or there was none, and another claim came first, lower or not.
        const standing = await this.find(sessionId);
        if (standing !== undefined && standing.epoch >= epoch) return standing;
      }
    }
  }

  async find(sessionId: string): Promise<Lease | undefined> {
    const found = await reading(this.#leases.findById(sessionId).lean().exec());
    return found === null ? undefined : { sessionId, processId: found.processId, epoch: found.epoch };
  }

  async findAll(sessionIds: readonly string[]): Promise<readonly Lease[]> {
    const found = await reading(
      this.#leases
        .find({ _id: { $in: sessionIds } })
        .lean()
        .exec(),
    );
    return found.map(({ _id, processId, epoch }) => ({ sessionId: _id, processId, epoch }));
  }

  async heldBy(processId: string, after: string, limit: number): Promise<readonly Lease[]> {
    const held = this.#leases
      .find({ processId, _id: { $gt: after } })
      .sort({ _id: 1 })
      .limit(limit);
    return (await reading(held.lean().exec())).map(({ _id, epoch }) => ({ sessionId: _id, processId, epoch }));
  }

  async release(sessionId: string, epoch: number): Promise<void> {
    await writing(this.#leases.deleteOne({ _id: sessionId, epoch }).exec());
  }

  async clusterSecret(proposed: string): Promise<string> {
    const stays = { $setOnInsert: { value: proposed } };
    for (;;) {
      try {
        await writing(this.#secrets.updateOne({ _id: "cluster" }, stays, { upsert: true }).exec());
      } catch (error) {
        // Another process was first in between: now there is one.
        if (!isDuplicate(error)) throw error;
      }
      const found = await reading(this.#secrets.findById("cluster").lean().exec());
      if (found !== null) return found.value;
    }
  }

  /** With the first beat of a life, so that every other beat is one update. */
  async #forgetOldest(newest: string): Promise<void> {
    const oldest = this.#beats.find({}, { _id: 1 }).sort({ beatAt: -1 }).skip(LIVES_KEPT).limit(LIVES_KEPT);
    const lives = (await reading(oldest.lean().exec())).map(({ _id }) => _id).filter((id) => id !== newest);
    if (lives.length > 0) await writing(this.#beats.deleteMany({ _id: { $in: lives } }).exec());
  }
}

/** Former programs noted less. */
function beatOf({ _id, beatAt, ...said }: BeatDocument): ProcessBeat {
  const { startedAt = beatAt, internalUrl = null, publicAddress = null, isDraining = false } = said;
  const { version = "", sessions = 0, connections = 0 } = said;
  return { processId: _id, beatAt, startedAt, internalUrl, publicAddress, isDraining, version, sessions, connections };
}
