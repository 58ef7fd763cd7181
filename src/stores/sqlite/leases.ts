import type { Lease, Leases, ProcessBeat } from "../../ports/leases.ts";
import { MemoryLeases } from "../memory/leases.ts";
import type { FileAccess } from "./file-access.ts";

/**
 * Heartbeats in SQLite, leases in memory. The file belongs to this process alone, so a lease of any other process, its own
 * former life included, would point at a host that cannot be there; but until when that life was there is asked after a
 * crash (`session.restored`).
 */
export class SqliteLeases implements Leases {
  readonly #file: FileAccess;
  readonly #leases = new MemoryLeases({ leases: new Map(), beats: new Map() });

  constructor(file: FileAccess) {
    this.#file = file;
  }

  /** Survives the end of the process, but the newest seconds of beats maybe not a power cut. @throws StoreUnavailable */
  async beat({ processId, beatAt }: ProcessBeat): Promise<void> {
    await this.#file.call("beat", processId, beatAt);
  }

  async lastBeat(processId: string): Promise<number | undefined> {
    return this.#file.call("lastBeat", processId);
  }

  claim(lease: Lease): Promise<void> {
    return this.#leases.claim(lease);
  }

  find(sessionId: string): Promise<Lease | undefined> {
    return this.#leases.find(sessionId);
  }

  release(sessionId: string, epoch: number): Promise<void> {
    return this.#leases.release(sessionId, epoch);
  }
}
