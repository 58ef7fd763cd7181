import type { Clock } from "../ports/clock.ts";
import { Countdown } from "./countdown.ts";
import type { Journal } from "./journal.ts";
import type { PresenceLane } from "./presence-lane.ts";
import { takeStep } from "./steps.ts";

/** `autoPauseWhenNoGm`: play stops by itself some time after the last GM has gone. */
export class AutoPause {
  readonly #journal: Journal;
  readonly #presence: PresenceLane;
  readonly #clock: Clock;
  readonly #withoutGm: Countdown;

  constructor(journal: Journal, presence: PresenceLane, clock: Clock) {
    this.#journal = journal;
    this.#presence = presence;
    this.#clock = clock;
    this.#withoutGm = new Countdown(clock, () => this.#pause());
  }

  /** To be called whenever status, settings, places or connections may have changed. */
  watch(): void {
    const { status, settings } = this.#journal.committed;
    const seconds = settings.autoPauseWhenNoGm;
    this.#withoutGm.watch(status === "live" && seconds > 0 && !this.#hasGm(), seconds * 1_000);
  }

  stop(): void {
    this.#withoutGm.stop();
  }

  #pause(): void {
    takeStep(this.#journal, this.#clock, "pause", undefined, "no GM is here").catch(() => this.watch());
  }

  #hasGm(): boolean {
    for (const { userId, role } of this.#journal.committed.places.values()) {
      if (role === "gm" && (this.#presence.of(userId)?.connections ?? 0) > 0) return true;
    }
    return false;
  }
}
