import { fingerprintOf, readSnapshot } from "../../core/snapshot.ts";
import { SessionState } from "../../core/state.ts";
import type { KeptRecord } from "../../ports/archive.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import { reasonWithoutContent } from "../doctor/finding.ts";
import { recordOf, Thread, type Wrong } from "../doctor/thread.ts";

/**
 * A session, told in order: its snapshots, its records. Says at the first thing that does not fit that it does not, and
 * comes to the state that restoring it gives. Holds one state, however long the log is.
 */
export class SessionCheck {
  readonly #sessionId: string;
  readonly #trimmedThrough: number;
  readonly #thread = new Thread();
  /** what the oldest snapshot and the records after it give; from the first record on where there is no snapshot */
  #state: SessionState;
  /** later snapshots, by position: what each gives */
  readonly #awaited = new Map<number, string>();

  /** @param trimmedThrough up to where the records have no content, 0: nowhere */
  constructor(sessionId: string, trimmedThrough: number) {
    this.#sessionId = sessionId;
    this.#trimmedThrough = trimmedThrough;
    this.#state = new SessionState(sessionId);
  }

  /** The next snapshot, by rising position. @throws StoredDataDamaged */
  snapshot(pos: number, text: string, sha256: string): void {
    const state = this.#try(pos, "the snapshot", () => readSnapshot(text, sha256));
    if (state.sessionId !== this.#sessionId || state.pos !== pos) {
      throw this.#damaged(pos, "the snapshot is another session's or position's");
    }
    if (pos < this.#trimmedThrough) throw this.#damaged(pos, "the snapshot has no records after it");
    if (this.#state.pos === 0 && this.#trimmedThrough > 0) this.#state = state;
    else this.#awaited.set(pos, fingerprintOf(state));
  }

  /** The next record. @throws StoredDataDamaged */
  record(record: KeptRecord): void {
    const { pos, body } = record;
    const [wrong] = this.#try(pos, "the record", () => this.#thread.follow(record));
    this.#refuse(wrong);
    if ((body === null) !== pos <= this.#trimmedThrough) {
      throw this.#damaged(
        pos,
        body === null ? "the record has no content" : "the record has content in spite of a trim",
      );
    }
    if (body === null || pos <= this.#state.pos) return;
    this.#try(pos, "the record", () => this.#state.apply(recordOf(this.#sessionId, record, body)));
    const awaited = this.#awaited.get(pos);
    if (awaited !== undefined && fingerprintOf(this.#state) !== awaited) {
      throw this.#damaged(pos, "the snapshot is not what the log gives");
    }
    this.#awaited.delete(pos);
  }

  /** The state after the last record. @throws StoredDataDamaged */
  finish(throughPos: number): SessionState {
    if (this.#thread.pos !== throughPos) throw this.#damaged(this.#thread.pos, `the log should go on to ${throughPos}`);
    if (this.#state.pos !== throughPos) {
      throw this.#damaged(this.#state.pos, "neither the log nor a snapshot with the log after it gives the whole");
    }
    this.#refuse(this.#thread.meet(this.#state)[0]);
    const [beyond] = this.#awaited.keys();
    if (beyond !== undefined) throw this.#damaged(beyond, "the snapshot is of no record of the log");
    return this.#state;
  }

  #refuse(wrong: Wrong | undefined): void {
    if (wrong !== undefined) throw this.#damaged(wrong.pos, wrong.says);
  }

  #try<T>(pos: number, what: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#damaged(pos, `${what} does not fit: ${reasonWithoutContent(error)}`);
    }
  }

  #damaged(pos: number, why: string): StoredDataDamaged {
    return new StoredDataDamaged(`session ${this.#sessionId} at position ${pos}: ${why}`);
  }
}
