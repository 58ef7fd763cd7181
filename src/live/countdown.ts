import type { Clock } from "../ports/clock.ts";

/** Something that happens when a condition has held for so long without a break. */
export class Countdown {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #cancel: (() => void) | undefined;
  #ms = 0;
  #stopped = false;

  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /**
   * To be called whenever the condition may have changed.
   * @param holds whether it holds now
   * @param ms how long it has to; another length than the last starts again
   */
  watch(holds: boolean, ms: number): void {
    if (!holds || ms !== this.#ms) this.#disarm();
    if (!holds || this.#stopped) return;
    this.#ms = ms;
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = undefined;
      this.#onOver();
    });
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
