import type { Clock } from "../ports/clock.ts";

const KEPT_MS = 1_000;

/**
 * What is dear to work out and open to anybody: worked out at most once a second, once at a time, and shared by all who
 * ask meanwhile. A failure is shared as well.
 */
export class SharedForASecond<T> {
  readonly #work: () => Promise<T>;
  readonly #clock: Pick<Clock, "steady" | "after">;
  readonly #withinMs: number | undefined;
  #outcome: Promise<T> | undefined;
  #isUnderWay = false;
  #keptUntil = 0;

  /** @param withinMs after this it has failed for those who ask; it is not begun again before it has ended */
  constructor(clock: Pick<Clock, "steady" | "after">, work: () => Promise<T>, withinMs?: number) {
    this.#clock = clock;
    this.#work = work;
    this.#withinMs = withinMs;
  }

  ask(): Promise<T> {
    const isKept = this.#isUnderWay || this.#clock.steady() < this.#keptUntil;
    if (this.#outcome === undefined || !isKept) this.#outcome = this.#start();
    return this.#outcome;
  }

  /** `async`, so that what throws at once rejects. */
  async #working(): Promise<T> {
    return await this.#work();
  }

  #start(): Promise<T> {
    this.#isUnderWay = true;
    const ended = (): void => {
      this.#isUnderWay = false;
      this.#keptUntil = this.#clock.steady() + KEPT_MS;
    };
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error("no answer in time"));
      const cancel = this.#withinMs === undefined ? () => undefined : this.#clock.after(this.#withinMs, late);
      const worked = this.#working().finally(ended);
      worked.then(resolve, reject).finally(cancel);
    });
  }
}
