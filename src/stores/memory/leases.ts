import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import type { MemoryBacking, StoredBeat } from "./backing.ts";

/** Leases and heartbeats of the processes that share one memory. */
export class MemoryLeases implements Leases {
  readonly #leases: MemoryBacking["leases"];
  readonly #beats: MemoryBacking["beats"];
  readonly #facts: MemoryBacking["facts"];

  constructor({ leases, beats, facts }: Pick<MemoryBacking, "leases" | "beats" | "facts">) {
    this.#leases = leases;
    this.#beats = beats;
    this.#facts = facts;
  }

  async beat(beat: ProcessBeat): Promise<boolean> {
    const wasTakenForDead = this.#beats.get(beat.processId)?.isTakenForDead ?? false;
    this.#beats.set(beat.processId, { beat: { ...beat }, isTakenForDead: false, isRetired: false });
    return wasTakenForDead;
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return this.#beats.get(processId)?.beat.beatAt;
  }

  async processes(): Promise<readonly ProcessBeat[]> {
    return [...this.#beats.values()].flatMap(({ beat, isRetired }) => (isRetired ? [] : [{ ...beat }]));
  }

  async takeForDead(processId: string): Promise<void> {
    this.#note(processId, { isTakenForDead: true });
  }

  async retire(processId: string): Promise<void> {
    this.#note(processId, { isRetired: true });
  }

  async claim(lease: Lease): Promise<Lease> {
    const standing = this.#leases.get(lease.sessionId);
    if (standing !== undefined && standing.epoch >= lease.epoch) return { ...standing };
    this.#leases.set(lease.sessionId, { ...lease });
    return { ...lease };
  }

  async find(sessionId: string): Promise<Lease | undefined> {
    return structuredClone(this.#leases.get(sessionId));
  }

  async findAll(sessionIds: readonly string[]): Promise<readonly Lease[]> {
    return structuredClone(sessionIds.flatMap((sessionId) => this.#leases.get(sessionId) ?? []));
  }

  async heldBy(processId: string, after: string, limit: number): Promise<readonly Lease[]> {
    const held = [...this.#leases.values()].filter((lease) => lease.processId === processId && lease.sessionId > after);
    held.sort((one, other) => (one.sessionId < other.sessionId ? -1 : 1));
    return structuredClone(held.slice(0, limit));
  }

  async release(sessionId: string, epoch: number): Promise<void> {
    if (this.#leases.get(sessionId)?.epoch === epoch) this.#leases.delete(sessionId);
  }

  async clusterSecret(proposed: string): Promise<string> {
    const secret = this.#facts.get("cluster-secret") ?? proposed;
    this.#facts.set("cluster-secret", secret);
    return secret;
  }

  #note(processId: string, change: Partial<StoredBeat>): void {
    const standing = this.#beats.get(processId);
    if (standing !== undefined) this.#beats.set(processId, { ...standing, ...change });
  }
}
