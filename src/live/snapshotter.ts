import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Stores } from "../ports/stores.ts";
import type { SnapshotWriter } from "./snapshot-writer.ts";
import type { Order } from "./turns.ts";

/** A snapshot is due when the records since the last one come to this, or to twice that snapshot where it is larger. */
const DUE_BYTES = 8 * 1024 * 1024;

/** What a session was restored from. */
export interface Origin {
  /** of the snapshot, 0 for none; others were not looked at */
  readonly snapshotPos: number;
  /** about how much log lies behind it */
  readonly bytesBehind: number;
}

export interface SnapshotterDeps {
  readonly stores: Pick<Stores, "snapshots" | "log">;
  readonly clock: Clock;
  readonly writer: SnapshotWriter;
  readonly onFailure: (error: unknown) => void;
  readonly onSaved?: (pos: number, milliseconds: number) => void;
}

/**
 * Saves a session's committed state while it changes: every `snapshotEvery` seconds, whenever much was written, and when
 * asked. Keeps the two newest, and lets the log forget content only up to the older of them (rules J10, J11, J23).
 */
export class Snapshotter {
  /** positions of snapshots that are known to be whole, newest first */
  #saved: number[];
  #saving: Promise<void> | undefined;
  /** one more, for all who asked while one was under way */
  #next: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerSeconds = 0;
  #stopped = false;
  /** written since the last one was begun, and how much of it makes the next one due */
  #bytes: number;
  #dueBytes = DUE_BYTES;
  #order: Order = "in order";
  readonly #state: SessionState;
  readonly #deps: SnapshotterDeps;

  constructor(state: SessionState, { snapshotPos, bytesBehind }: Origin, deps: SnapshotterDeps) {
    this.#state = state;
    this.#saved = snapshotPos === 0 ? [] : [snapshotPos];
    this.#bytes = bytesBehind;
    this.#deps = deps;
  }

  /**
   * Something was committed: a snapshot is due in `snapshotEvery` seconds, unless one is due already.
   * @param bytes about how much
   */
  changed(bytes: number): void {
    if (this.#stopped) return;
    this.#bytes += bytes;
    this.#saveIfMuch();
    if (this.#cancelTimer !== undefined) return;
    this.#timerSeconds = this.#state.settings.snapshotEvery;
    this.#cancelTimer = this.#deps.clock.after(this.#timerSeconds * 1_000, () => {
      this.#cancelTimer = undefined;
      void this.saveOrTryLater();
    });
  }

  /** A snapshot that is due becomes due `snapshotEvery` seconds from now, if that changed. */
  settingsChanged(): void {
    if (this.#cancelTimer === undefined || this.#timerSeconds === this.#state.settings.snapshotEvery) return;
    this.#cancelTimer();
    this.#cancelTimer = undefined;
    this.changed(0);
  }

  /** Saves now. Where that fails it is told, and tried again after `snapshotEvery` seconds; never rejects. */
  async saveOrTryLater(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      this.#deps.onFailure(error);
      this.changed(0);
    }
  }

  /** Saves what is committed now, unless that is saved already. @throws StoreUnavailable */
  save(): Promise<void> {
    if (this.#saving === undefined) return this.#start();
    this.#next ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.save();
      });
    return this.#next;
  }

  /** The session is closed: nothing is saved after this. @param how `as it is`: nor now. Never rejects. */
  async close(how: "save" | "as it is"): Promise<void> {
    this.#order = "urgent";
    this.#deps.writer.hurry();
    if (how === "save") await this.saveOrTryLater();
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #start(): Promise<void> {
    if (this.#state.pos === (this.#saved[0] ?? 0)) return;
    this.#saving = this.#saveNow().finally(() => {
      this.#saving = undefined;
    });
    await this.#saving;
    this.#saveIfMuch();
  }

  /** Also after one that was under way: as much may have been written meanwhile. */
  #saveIfMuch(): void {
    if (this.#bytes < this.#dueBytes || this.#saving !== undefined || this.#stopped) return;
    void this.saveOrTryLater();
  }

  async #saveNow(): Promise<void> {
    const { stores, writer, onSaved } = this.#deps;
    const { sessionId } = this.#state;
    const startedAt = performance.now();
    // Whatever becomes of this one: the next is due after as much again.
    this.#bytes = 0;
    const { pos, text } = await writer.write(
      this.#state,
      () => this.#order,
      (snapshot) => stores.snapshots.save({ sessionId, ...snapshot }),
    );
    this.#dueBytes = Math.max(DUE_BYTES, 2 * text.length);
    onSaved?.(pos, performance.now() - startedAt);
    this.#saved = [pos, ...this.#saved.filter((saved) => saved < pos)].slice(0, 2);
    const older = this.#saved[1];
    if (older === undefined) return;
    await stores.snapshots.dropBefore(sessionId, older);
    await stores.log.trim(sessionId, older);
  }
}
