import { writeSnapshot } from "../core/snapshot.ts";
import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Stores } from "../ports/stores.ts";

/**
 * Saves a session's committed state while it changes, every `snapshotEvery` seconds and when asked. Keeps the two
 * newest, and lets the log forget content only up to the older of them (rules J10, J11).
 */
export class Snapshotter {
  /** positions of snapshots that are known to be whole, newest first */
  #saved: number[];
  #saving: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerSeconds = 0;
  #stopped = false;
  readonly #state: SessionState;
  readonly #stores: Stores;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #onSaved: (pos: number, milliseconds: number) => void;

  /** @param savedPos of the snapshot that the state was restored from, 0 for none; others were not looked at */
  constructor(
    state: SessionState,
    savedPos: number,
    stores: Stores,
    clock: Clock,
    onFailure: (error: unknown) => void,
    onSaved: (pos: number, milliseconds: number) => void = () => {},
  ) {
    this.#state = state;
    this.#saved = savedPos === 0 ? [] : [savedPos];
    this.#stores = stores;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#onSaved = onSaved;
  }

  /** Something was committed: a snapshot is due in `snapshotEvery` seconds, unless one is due already. */
  changed(): void {
    if (this.#cancelTimer !== undefined || this.#stopped) return;
    this.#timerSeconds = this.#state.settings.snapshotEvery;
    this.#cancelTimer = this.#clock.after(this.#timerSeconds * 1_000, () => {
      this.#cancelTimer = undefined;
      void this.saveOrTryLater();
    });
  }

  /** A snapshot that is due becomes due `snapshotEvery` seconds from now, if that changed. */
  settingsChanged(): void {
    if (this.#cancelTimer === undefined || this.#timerSeconds === this.#state.settings.snapshotEvery) return;
    this.#cancelTimer();
    this.#cancelTimer = undefined;
    this.changed();
  }

  /** Saves now. Where that fails it is told, and tried again after `snapshotEvery` seconds; never rejects. */
  async saveOrTryLater(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      this.#onFailure(error);
      this.changed();
    }
  }

  /** Saves what is committed now, unless that is saved already. @throws StoreUnavailable */
  async save(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving.catch(() => undefined);
    if (this.#state.pos === (this.#saved[0] ?? 0)) return;
    this.#saving = this.#saveNow();
    try {
      await this.#saving;
    } finally {
      this.#saving = undefined;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #saveNow(): Promise<void> {
    const { sessionId, pos } = this.#state;
    const startedAt = performance.now();
    await this.#stores.snapshots.save({ sessionId, pos, ...writeSnapshot(this.#state) });
    this.#onSaved(pos, performance.now() - startedAt);
    this.#saved = [pos, ...this.#saved.filter((saved) => saved < pos)].slice(0, 2);
    const older = this.#saved[1];
    if (older === undefined) return;
    await this.#stores.snapshots.dropBefore(sessionId, older);
    await this.#stores.log.trim(sessionId, older);
  }
}
