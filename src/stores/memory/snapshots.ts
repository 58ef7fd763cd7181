import type { Snapshots, StoredSnapshot } from "../../ports/snapshots.ts";
import type { MemoryBacking } from "./backing.ts";

/** Snapshots in memory, whole: strings need no parts here, so none can be missing. */
export class MemorySnapshots implements Snapshots {
  readonly #backing: MemoryBacking;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  async save(snapshot: StoredSnapshot): Promise<void> {
    const { sessionId, pos } = snapshot;
    const kept = this.#backing.snapshots.get(sessionId) ?? new Map<number, StoredSnapshot>();
    this.#backing.snapshots.set(sessionId, kept);
    kept.set(pos, { ...snapshot });
  }

  async positions(sessionId: string): Promise<number[]> {
    return [...(this.#backing.snapshots.get(sessionId)?.keys() ?? [])].sort((a, b) => b - a);
  }

  async load(sessionId: string, pos: number): Promise<StoredSnapshot | undefined> {
    return structuredClone(this.#backing.snapshots.get(sessionId)?.get(pos));
  }

  async dropBefore(sessionId: string, pos: number): Promise<void> {
    const kept = this.#backing.snapshots.get(sessionId);
    for (const at of kept?.keys() ?? []) if (at < pos) kept?.delete(at);
  }
}
