import type { Clock } from "../ports/clock.ts";

/** Of its time, no more than a quarter goes into whole states for newcomers. */
const REST_PER_WORK = 3;
/** Newcomers beyond this wait for the next turn, so that nobody else waits long for them. */
const LONGEST_STRETCH_MS = 25;

/** From when on the next ones are let in, by the steady clock. Entrances that share one spend no more than one alone. */
export interface Pace {
  opensAt: number;
}

/**
 * Lets newcomers in together. A newcomer gets the whole state, whose encoding is dear where it is large (35 ms at 4 MiB)
 * and void at the next change: when everybody comes back at once, each alone would cost one, and the table would stand
 * still. Who comes alone is let in at once.
 */
export class Entrance<Newcomer> {
  readonly #clock: Clock;
  readonly #steadyNow: () => number;
  readonly #beforeTurn: () => void;
  readonly #waiting = new Map<Newcomer, () => void>();
  readonly #pace: Pace;
  #cancel: (() => void) | undefined;

  /**
   * @param beforeTurn brings the state into a form in which it is encoded once for all who are let in then
   * @param steadyNow in ms; costs are measured with it
   */
  constructor(
    clock: Clock,
    beforeTurn: () => void,
    steadyNow: () => number = () => performance.now(),
    pace: Pace = { opensAt: Number.NEGATIVE_INFINITY },
  ) {
    this.#pace = pace;
    this.#clock = clock;
    this.#beforeTurn = beforeTurn;
    this.#steadyNow = steadyNow;
  }

  /** @param letIn is called once, now or soon. Of somebody who waits already: nothing */
  take(newcomer: Newcomer, letIn: () => void): void {
    if (this.#waiting.has(newcomer)) return;
    this.#waiting.set(newcomer, letIn);
    this.#arm();
  }

  /** Nobody is let in any more. */
  close(): void {
    this.#cancel?.();
    this.#waiting.clear();
  }

  #arm(): void {
    if (this.#cancel !== undefined || this.#waiting.size === 0) return;
    const leftMs = this.#pace.opensAt - this.#steadyNow();
    if (leftMs <= 0) {
      this.#turn();
      return;
    }
    this.#cancel = this.#clock.after(leftMs, () => {
      this.#cancel = undefined;
      // Another entrance of the same pace may have had its turn.
      this.#arm();
    });
  }

  #turn(): void {
    const start = this.#steadyNow();
    this.#beforeTurn();
    let firstDoneAt: number | undefined;
    for (const [newcomer, letIn] of this.#waiting) {
      this.#waiting.delete(newcomer);
      letIn();
      const now = this.#steadyNow();
      firstDoneAt ??= now; // the first one pays for the encoding that all share
      if (now - firstDoneAt >= LONGEST_STRETCH_MS) break;
    }
    const end = this.#steadyNow();
    this.#pace.opensAt = end + REST_PER_WORK * (end - start);
    this.#arm();
  }
}
