import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeptSnapshot } from "../../ports/archive.ts";

/** A snapshot's header: it names the parts that one call to `save` wrote. */
export interface SnapshotHeader {
  readonly sessionId: string;
  readonly pos: number;
  readonly sha256: string;
  readonly saveId: string;
  readonly parts: number;
}

const STRAY = "save_id NOT IN (SELECT save_id FROM snapshot)";

/** The statements on `snapshot` and `snapshot_part`. */
export class SnapshotTable {
  readonly #putPart: StatementSync;
  readonly #countParts: StatementSync;
  readonly #dropParts: StatementSync;
  readonly #putHeader: StatementSync;
  readonly #header: StatementSync;
  readonly #part: StatementSync;
  readonly #positions: StatementSync;
  readonly #dropPartsBefore: StatementSync;
  readonly #dropHeadersBefore: StatementSync;
  readonly #dropHeader: StatementSync;
  readonly #countStrayParts: StatementSync;
  readonly #dropStrayParts: StatementSync;
  readonly #kept: StatementSync;

  constructor(db: DatabaseSync) {
    this.#countStrayParts = db.prepare(`SELECT count(*) AS n FROM snapshot_part WHERE ${STRAY}`);
    this.#dropStrayParts = db.prepare(`DELETE FROM snapshot_part WHERE ${STRAY}`);
    this.#putPart = db.prepare("INSERT INTO snapshot_part VALUES (?, ?, ?)");
    this.#countParts = db.prepare("SELECT count(*) AS n FROM snapshot_part WHERE save_id = ?");
    this.#dropParts = db.prepare("DELETE FROM snapshot_part WHERE save_id = ?");
    this.#putHeader = db.prepare("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?)");
    this.#header = db.prepare(
      `SELECT session_id AS sessionId, pos, sha256, save_id AS saveId, parts
       FROM snapshot WHERE session_id = ? AND pos = ?`,
    );
    this.#part = db.prepare("SELECT bytes FROM snapshot_part WHERE save_id = ? AND n = ?");
    this.#positions = db.prepare(
      `SELECT pos FROM snapshot AS s WHERE session_id = ?
       AND parts = (SELECT count(*) FROM snapshot_part AS p WHERE p.save_id = s.save_id) ORDER BY pos DESC`,
    );
    this.#dropPartsBefore = db.prepare(
      "DELETE FROM snapshot_part WHERE save_id IN (SELECT save_id FROM snapshot WHERE session_id = ? AND pos < ?)",
    );
    this.#dropHeadersBefore = db.prepare("DELETE FROM snapshot WHERE session_id = ? AND pos < ?");
    this.#dropHeader = db.prepare("DELETE FROM snapshot WHERE session_id = ? AND pos = ?");
    this.#kept = db.prepare(
      `SELECT pos, sha256, parts = (SELECT count(*) FROM snapshot_part AS p WHERE p.save_id = s.save_id) AS is_whole
       FROM snapshot AS s WHERE session_id = ? ORDER BY pos DESC`,
    );
  }

  putPart(saveId: string, n: number, bytes: Uint8Array): void {
    this.#putPart.run(saveId, n, bytes);
  }

  /** Makes the parts of a save the snapshot at its position; those of an earlier save there go. */
  finish(header: SnapshotHeader): void {
    const { sessionId, pos, sha256, saveId, parts } = header;
    // A file opened anew in between has swept them away.
    if (Number(this.#countParts.get(saveId)?.n) !== parts) throw new Error("parts of the snapshot are missing");
    const former = this.header(sessionId, pos);
    if (former !== undefined) this.#dropParts.run(former.saveId);
    this.#putHeader.run(sessionId, pos, sha256, saveId, parts);
  }

  /** Undoes a save that has no header. */
  abort(saveId: string): void {
    this.#dropParts.run(saveId);
  }

  header(sessionId: string, pos: number): SnapshotHeader | undefined {
    return this.#header.get(sessionId, pos) as SnapshotHeader | undefined;
  }

  part(saveId: string, n: number): Uint8Array | undefined {
    return this.#part.get(saveId, n)?.bytes as Uint8Array | undefined;
  }

  positions(sessionId: string): number[] {
    return this.#positions.all(sessionId).map((row) => Number(row.pos));
  }

  dropBefore(sessionId: string, pos: number): void {
    this.#dropPartsBefore.run(sessionId, pos);
    this.#dropHeadersBefore.run(sessionId, pos);
  }

  /** Newest first, those with missing parts too. */
  kept(sessionId: string): KeptSnapshot[] {
    return this.#kept
      .all(sessionId)
      .map(({ pos, sha256, is_whole }) => ({ pos: Number(pos), sha256: String(sha256), isWhole: is_whole === 1 }));
  }

  drop(sessionId: string, pos: number): void {
    const header = this.header(sessionId, pos);
    if (header === undefined) return;
    this.#dropParts.run(header.saveId);
    this.#dropHeader.run(sessionId, pos);
  }

  /** Parts of saves that never got their header. */
  countStrayParts(): number {
    return Number(this.#countStrayParts.get()?.n);
  }

  dropStrayParts(): void {
    this.#dropStrayParts.run();
  }
}
