import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import { MemoryLeases } from "../memory/leases.ts";
import type { FileAccess } from "./file-access.ts";

/**
 * When each life last beat is in SQLite, all else in memory. The file belongs to this process alone, so a lease of any
 * other process, its own former life included, would point at a host that cannot be there, and nobody else asks for a
 * secret; but until when a former life was there is asked after a crash (`session.restored`).
 */
export class SqliteLeases implements Leases {
  readonly #file: FileAccess;
  readonly #here = new MemoryLeases({ leases: new Map(), beats: new Map(), facts: new Map() });

  constructor(file: FileAccess) {
    this.#file = file;
  }

  /** Survives the end of the process, but the newest seconds of beats maybe not a power cut. @throws StoreUnavailable */
  async beat(beat: ProcessBeat): Promise<boolean> {
    await this.#file.call("beat", beat.processId, beat.beatAt);
    return this.#here.beat(beat);
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return this.#file.call("lastBeat", processId);
  }

  processes(): Promise<readonly ProcessBeat[]> {
    return this.#here.processes();
  }

  takeForDead(processId: string): Promise<void> {
    return this.#here.takeForDead(processId);
  }

  retire(processId: string): Promise<void> {
    return this.#here.retire(processId);
  }

  claim(lease: Lease): Promise<Lease> {
    return this.#here.claim(lease);
  }

  find(sessionId: string): Promise<Lease | undefined> {
    return this.#here.find(sessionId);
  }

  findAll(sessionIds: readonly string[]): Promise<readonly Lease[]> {
    return this.#here.findAll(sessionIds);
  }

  heldBy(processId: string, after: string, limit: number): Promise<readonly Lease[]> {
    return this.#here.heldBy(processId, after, limit);
  }

  release(sessionId: string, epoch: number): Promise<void> {
    return this.#here.release(sessionId, epoch);
  }

  clusterSecret(proposed: string): Promise<string> {
    return this.#here.clusterSecret(proposed);
  }
}
