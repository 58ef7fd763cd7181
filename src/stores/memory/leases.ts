import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import type { MemoryBacking } from "./backing.ts";

/** Leases and heartbeats of the processes that share one memory. */
export class MemoryLeases implements Leases {
  readonly #leases: MemoryBacking["leases"];
  readonly #beats: MemoryBacking["beats"];

  constructor({ leases, beats }: Pick<MemoryBacking, "leases" | "beats">) {
    this.#leases = leases;
    this.#beats = beats;
  }

  async beat({ processId, beatAt }: ProcessBeat): Promise<void> {
    this.#beats.set(processId, beatAt);
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return this.#beats.get(processId);
  }

  async claim(lease: Lease): Promise<void> {
    const standing = this.#leases.get(lease.sessionId);
    if (standing === undefined || standing.epoch < lease.epoch) this.#leases.set(lease.sessionId, { ...lease });
  }

  async find(sessionId: string): Promise<Lease | undefined> {
    return structuredClone(this.#leases.get(sessionId));
  }

  async release(sessionId: string, epoch: number): Promise<void> {
    if (this.#leases.get(sessionId)?.epoch === epoch) this.#leases.delete(sessionId);
  }
}
