/**
 * A snapshot: the state after the record at `pos`, as the JSON text that `core/snapshot.ts` writes.
 * `sha256` (hex) is over the whole text.
 */
export interface StoredSnapshot {
  readonly sessionId: string;
  readonly pos: number;
  readonly sha256: string;
  readonly text: string;
}

/**
 * Snapshots of sessions. Large texts are stored in parts of at most 4 MiB; a snapshot whose parts are not all there
 * is not listed. All methods may throw `StoreUnavailable`.
 */
export interface Snapshots {
  /** Durable when answered. Saving the same position again replaces it. */
  save(snapshot: StoredSnapshot): Promise<void>;

  /** Positions of complete snapshots, newest first. */
  positions(sessionId: string): Promise<number[]>;

  /** Undefined where there is none (any more). The checksum is for the caller to check. */
  load(sessionId: string, pos: number): Promise<StoredSnapshot | undefined>;

  /** Removes every snapshot of the session at a position below `pos`. */
  dropBefore(sessionId: string, pos: number): Promise<void>;
}
