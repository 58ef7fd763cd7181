import { fingerprintOf } from "../../core/snapshot.ts";
import type { SessionState } from "../../core/state.ts";
import type { DamagedRecord, KeptRecord } from "../../ports/archive.ts";
import type { Stores } from "../../ports/stores.ts";
import { reasonWithoutContent } from "./finding.ts";
import type { Fold } from "./fold.ts";
import { Shelf } from "./shelf.ts";
import { recordOf, Thread, type Wrong } from "./thread.ts";

const PAGE = 200;
/** Stretches of log that came while the ones before were read. */
const MAX_ROUNDS = 20;

/**
 * One walk along a session's log, from the first position to the last one there is, with its snapshots looked at where
 * they stand. Reads page by page, one snapshot at a time. A host that goes on meanwhile moves the end, trims, and saves
 * and drops snapshots: whatever it forgot, there is a newer snapshot for, and the walk takes the state from that.
 */
export class Walk {
  readonly fold: Fold;
  readonly thread = new Thread();
  readonly wrongs: Wrong[] = [];
  records = 0;
  snapshots = 0;
  /** snapshots that hold the session as the log says, as far as that can be told */
  goodSnapshots = 0;
  /** whether a snapshot knows of records that the log has no more */
  isCut = false;
  /** whether the log and the snapshots went on faster than they could be read */
  isUnsettled = false;
  readonly #sessionId: string;
  readonly #stores: Pick<Stores, "archive" | "log" | "snapshots">;
  readonly #shelf: Shelf;
  #trimmedThrough: number;

  private constructor(fold: Fold, sessionId: string, stores: Stores, shelf: Shelf, trimmedThrough: number) {
    this.fold = fold;
    this.#sessionId = sessionId;
    this.#stores = stores;
    this.#shelf = shelf;
    this.#trimmedThrough = trimmedThrough;
  }

  /** Goes the whole way. @throws StoreUnavailable | StoredDataDamaged where the store cannot page through the log */
  static async along(sessionId: string, stores: Stores, fold: Fold): Promise<Walk> {
    // The snapshots before the end of the log: none of those listed can then rightly lie beyond it.
    const shelf = await Shelf.of(sessionId, stores);
    const trimmedThrough = await stores.archive.trimmedThrough(sessionId);
    const walk = new Walk(fold, sessionId, stores, shelf, trimmedThrough);
    await walk.toTheEnd();
    return walk;
  }

  /** On to where the log ends now. */
  async toTheEnd(): Promise<void> {
    const { log } = this.#stores;
    this.isUnsettled = true;
    for (let rounds = 0; rounds < MAX_ROUNDS && this.isUnsettled; rounds++) {
      const end = await log.end(this.#sessionId);
      await this.#through(end);
      // All that led up to here may have been trimmed since: then a snapshot came that was not on the list.
      if (this.fold.state === undefined) await this.#shelf.refresh();
      await this.#lookAtSnapshots(this.thread.pos);
      this.isUnsettled = this.#shelf.nextPos !== undefined && (await log.end(this.#sessionId)) !== end;
    }
    if (this.isUnsettled) return;
    if (this.fold.state?.pos === this.thread.pos) this.wrongs.push(...this.thread.meet(this.fold.state));
    await this.#lookBeyond();
  }

  async #through(end: number): Promise<void> {
    while (this.thread.pos < end) {
      const page = await this.#stores.archive.records(this.#sessionId, this.thread.pos, PAGE);
      for (const record of page) {
        if (record.pos > end) return;
        await this.#lookAtSnapshots(record.pos - 1);
        await this.#pass(record);
        await this.#lookAtSnapshots(record.pos);
      }
      if (page.length === 0) return;
    }
  }

  async #pass(record: KeptRecord | DamagedRecord): Promise<void> {
    this.records += 1;
    if ("damage" in record) {
      this.wrongs.push(...this.thread.skip(record.pos));
      this.#damaged(record.pos, record.damage);
      return;
    }
    try {
      await this.#follow(record);
    } catch (error) {
      // JSON, but of another shape than any record's.
      if (!(error instanceof TypeError)) throw error;
      this.#damaged(record.pos, reasonWithoutContent(error));
    }
  }

  #damaged(pos: number, why: string): void {
    this.fold.lose();
    this.wrongs.push({ kind: "record_damaged", pos, says: `it cannot be read: ${why}` });
  }

  async #follow(record: KeptRecord): Promise<void> {
    const { pos } = record;
    const body = pos <= this.#trimmedThrough ? null : record.body;
    const wrongs = this.thread.follow({ ...record, body });
    this.wrongs.push(...wrongs);
    if (body !== null) {
      const misfit = this.fold.apply(recordOf(this.#sessionId, record, body));
      if (misfit !== undefined && wrongs.length === 0) this.wrongs.push({ kind: "record_misfit", pos, says: misfit });
      return;
    }
    this.fold.lose();
    if (pos <= this.#trimmedThrough) return;
    // Trimmed meanwhile: then there are snapshots that were not on the list.
    this.#trimmedThrough = await this.#stores.archive.trimmedThrough(this.#sessionId);
    await this.#shelf.refresh();
    if (pos <= this.#trimmedThrough) return;
    this.wrongs.push({ kind: "content_missing", pos, says: "the content is gone, although no trim went that far" });
  }

  async #lookAtSnapshots(throughPos: number): Promise<void> {
    for (let pos = this.#shelf.nextPos; pos !== undefined && pos <= throughPos; pos = this.#shelf.nextPos) {
      const state = await this.#takeSnapshot(pos);
      if (state !== undefined) this.#compare(pos, state);
    }
  }

  /** What the log has lost at its end, a snapshot may still have. */
  async #lookBeyond(): Promise<void> {
    for (let pos = this.#shelf.nextPos; pos !== undefined; pos = this.#shelf.nextPos) {
      const state = await this.#takeSnapshot(pos);
      if (state === undefined) continue;
      this.goodSnapshots += 1;
      this.isCut = true;
      const says = `the snapshot is of position ${pos}, and the log ends at ${this.thread.pos}`;
      if (this.records > 0) this.wrongs.push({ kind: "snapshot_beyond_log", pos, says });
    }
  }

  async #takeSnapshot(pos: number): Promise<SessionState | undefined> {
    const judged = await this.#shelf.takeNext();
    if (judged === undefined) return undefined;
    this.snapshots += 1;
    if ("state" in judged) return judged.state;
    this.wrongs.push({ kind: `snapshot_${judged.wrong}`, pos, says: judged.says, canMend: true });
    return undefined;
  }

  #compare(pos: number, state: SessionState): void {
    const { fold, thread } = this;
    const isThere = fold.state?.pos === pos;
    if (isThere && fingerprintOf(state) !== fingerprintOf(fold.state!)) {
      const says = "the snapshot is not what the log gives";
      // Of two snapshots that contradict each other either may be the wrong one; the whole log is never.
      this.wrongs.push({ kind: "snapshot_differs", pos, says, canMend: fold.isFromStart });
      return;
    }
    this.goodSnapshots += 1;
    if (pos === thread.pos) this.wrongs.push(...thread.meet(state));
    if (!isThere && pos >= thread.pos) fold.resume(state);
  }
}
