import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Lives of the server whose last heartbeat is kept: the newest so many. */
const LIVES_KEPT = 1_000;

/** The statements on `heartbeat`. */
export class HeartbeatTable {
  readonly #again: StatementSync;
  readonly #first: StatementSync;
  readonly #prune: StatementSync;
  readonly #last: StatementSync;

  constructor(db: DatabaseSync) {
    this.#again = db.prepare("UPDATE heartbeat SET beat_at = ? WHERE process_id = ?");
    this.#first = db.prepare("INSERT INTO heartbeat (beat_at, process_id) VALUES (?, ?)");
    this.#prune = db.prepare(
      `DELETE FROM heartbeat WHERE process_id IN
       (SELECT process_id FROM heartbeat ORDER BY beat_at DESC, process_id LIMIT -1 OFFSET ${LIVES_KEPT})`,
    );
    this.#last = db.prepare("SELECT beat_at FROM heartbeat WHERE process_id = ?");
  }

  /** The oldest lives are forgotten with the first beat of a new one, so that every other beat is one update. */
  beat(processId: string, beatAt: number): void {
    if (this.#again.run(beatAt, processId).changes === 1) return;
    this.#prune.run();
    this.#first.run(beatAt, processId);
  }

  last(processId: string): number | undefined {
    return this.#last.get(processId)?.beat_at as number | undefined;
  }
}
