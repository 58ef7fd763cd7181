import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import type { Models } from "./models.ts";

/** Lives of processes whose last heartbeat is kept: the newest so many. */
const LIVES_KEPT = 1_000;

/** Leases and heartbeats, a document each. */
export class MongoLeases implements Leases {
  readonly #leases: Models["leases"];
  readonly #beats: Models["beats"];

  constructor({ leases, beats }: Models) {
    this.#leases = leases;
    this.#beats = beats;
  }

  async beat({ processId, beatAt }: ProcessBeat): Promise<void> {
    const beaten = this.#beats.updateOne(
      { _id: processId },
      { $set: { beatAt } },
      { upsert: true, runValidators: true },
    );
    const { upsertedCount } = await writing(beaten.exec());
    if (upsertedCount === 1) await this.#forgetOldest(processId);
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return (await reading(this.#beats.findById(processId).lean().exec()))?.beatAt;
  }

  async claim({ sessionId, processId, epoch }: Lease): Promise<void> {
    for (;;) {
      const lower = { _id: sessionId, epoch: { $lt: epoch } };
      try {
        await writing(
          this.#leases.updateOne(lower, { $set: { processId, epoch } }, { upsert: true, runValidators: true }).exec(),
        );
        return;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // There is one that is not lower; or there was none, and another claim came first, lower or not.
        const standing = await this.find(sessionId);
        if (standing !== undefined && standing.epoch >= epoch) return;
      }
    }
  }

  async find(sessionId: string): Promise<Lease | undefined> {
    const found = await reading(this.#leases.findById(sessionId).lean().exec());
    return found === null ? undefined : { sessionId, processId: found.processId, epoch: found.epoch };
  }

  async release(sessionId: string, epoch: number): Promise<void> {
    await writing(this.#leases.deleteOne({ _id: sessionId, epoch }).exec());
  }

  /** With the first beat of a life, so that every other beat is one update. */
  async #forgetOldest(newest: string): Promise<void> {
    const oldest = this.#beats.find({}, { _id: 1 }).sort({ beatAt: -1 }).skip(LIVES_KEPT).limit(LIVES_KEPT);
    const lives = (await reading(oldest.lean().exec())).map(({ _id }) => _id).filter((id) => id !== newest);
    if (lives.length > 0) await writing(this.#beats.deleteMany({ _id: { $in: lives } }).exec());
  }
}
