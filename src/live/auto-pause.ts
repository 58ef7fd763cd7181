import { ownStep, pauseAfterOpeningMs } from "../core/auto-pause.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import type { PresenceLane } from "./presence-lane.ts";
import { takeStep } from "./steps.ts";

/** Between tries of what could not be recorded. */
const RETRY_MS = 1_000;

/** `autoPauseWhenNoGm`: play stops by itself some time after the last GM has gone, and goes on when one is back. */
export class AutoPause {
  readonly #journal: Journal;
  readonly #presence: PresenceLane;
  readonly #clock: Clock;
  /** when the pause is due, by the steady clock, and after how long without a GM; undefined while none is to come */
  #due: { at: number; readonly afterMs: number } | undefined;
  #cancel: (() => void) | undefined;
  /** a step is under way, or is tried again a little later */
  #isTaking = false;
  #cancelRetry: (() => void) | undefined;
  #isStopped = false;

  /**
   * For a session that was just opened: the count goes on from what its state tells.
   * @param handedInMs in how many ms its former host, which handed it over, would have paused it
   */
  constructor(journal: Journal, presence: PresenceLane, clock: Clock, handedInMs?: number) {
    this.#journal = journal;
    this.#presence = presence;
    this.#clock = clock;
    const { committed } = journal;
    // Its `opened` is recorded, and with it that everybody is gone.
    const inMs = handedInMs ?? pauseAfterOpeningMs(committed, clock.now(), committed.lastAt);
    const afterMs = committed.settings.autoPauseWhenNoGm * 1_000;
    if (inMs !== undefined) this.#due = { at: clock.steady() + inMs, afterMs };
    this.watch();
  }

  /** How long until the pause, if one is to come; told of a stopped one, too. */
  get inMs(): number | undefined {
    return this.#due === undefined ? undefined : Math.max(0, this.#due.at - this.#clock.steady());
  }

  /** To be called whenever status, settings, places or connections may have changed. */
  watch(): void {
    if (this.#isStopped) return;
    const step = ownStep(this.#journal.committed, this.#hasGm());
    if (step?.name !== "pause") this.#due = undefined;
    else if (this.#due?.afterMs !== step.afterMs) {
      this.#due = { at: this.#clock.steady() + step.afterMs, afterMs: step.afterMs };
    } else if (this.#cancel !== undefined) return;
    this.#arm(step?.name === "resume" ? 0 : this.inMs);
  }

  /** The time is up already, as whoever watched the session while it was closed knows. */
  pauseNow(): void {
    if (this.#due === undefined) return;
    this.#due.at = this.#clock.steady();
    this.#arm(0);
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#arm(undefined);
  }

  #arm(inMs: number | undefined): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (inMs === undefined || this.#isTaking) return;
    this.#cancel = this.#clock.after(inMs, () => {
      this.#cancel = undefined;
      this.#take();
    });
  }

  /** Decided against `head`: what a GM has just decided comes first. */
  #take(): void {
    const step = ownStep(this.#journal.head, this.#hasGm());
    this.#isTaking = true;
    if (step === undefined) {
      this.#retry();
      return;
    }
    const reason = step.name === "pause" ? "no GM is here" : "";
    takeStep(this.#journal, this.#clock, step.name, undefined, reason).then(
      () => this.#taken(),
      () => this.#retry(),
    );
  }

  #taken(): void {
    this.#isTaking = false;
    this.watch();
  }

  /** It was not recorded; or what a GM decided is on its way, and may not be. */
  #retry(): void {
    if (!this.#isStopped) this.#cancelRetry = this.#clock.after(RETRY_MS, () => this.#taken());
  }

  #hasGm(): boolean {
    for (const { userId, role } of this.#journal.committed.places.values()) {
      const presence = role === "gm" ? this.#presence.of(userId)?.presence : undefined;
      if (presence === "online" || presence === "idle") return true;
    }
    return false;
  }
}
