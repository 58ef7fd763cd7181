import type { Pace } from "../live/entrance.ts";
import { Turns } from "../live/turns.ts";
import type { Clock } from "../ports/clock.ts";

/** Of one person, so that the others' turn comes soon. */
export const MOST_WAITING_PER_PERSON = 16;
/** What costs less is followed by a turn of the loop and no rest. */
const SHORT_MS = 5;
/** Of the time, a quarter goes into it. */
const REST_PER_WORK = 3;

/**
 * Large answers, one after the other: to hand 4 MiB to a socket takes the loop some 10 ms, besides encoding them. Each is
 * followed by a rest that is measured by what it cost, the writing included.
 */
export class StateAnswers {
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #turns = new Turns(1);
  readonly #waiting = new Map<string, number>();

  /** @param pace shared with what else encodes whole states */
  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = pace;
  }

  /**
   * Makes an answer when its turn has come; whoever awaits it is to write it at once.
   * @returns undefined where somebody waits for too many already
   */
  async take<T>(userId: string, make: () => T): Promise<T | undefined> {
    const waiting = this.#waiting.get(userId) ?? 0;
    if (waiting >= MOST_WAITING_PER_PERSON) return undefined;
    this.#waiting.set(userId, waiting + 1);
    return await new Promise<T>((resolve, reject) => {
      const work = async () => {
        await this.#rest();
        this.#leave(userId);
        const startedAt = this.#clock.steady();
        resolve(make());
        // It is written when this turn of the loop is over.
        await new Promise(setImmediate);
        const now = this.#clock.steady();
        const cost = now - startedAt;
        if (cost >= SHORT_MS) this.#pace.opensAt = Math.max(this.#pace.opensAt, now + REST_PER_WORK * cost);
      };
      this.#turns.take("in order", work).catch(reject);
    });
  }

  async #rest(): Promise<void> {
    for (;;) {
      const leftMs = this.#pace.opensAt - this.#clock.steady();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => this.#clock.after(leftMs, resolve));
    }
  }

  #leave(userId: string): void {
    const waiting = this.#waiting.get(userId)! - 1;
    if (waiting === 0) this.#waiting.delete(userId);
    else this.#waiting.set(userId, waiting);
  }
}
