/** For the rounding of fractions of a token: far below one, far above what a sum of them can lose. */
const ROUNDING = 1e-6;

/**
 * A token bucket: `burst` at once, `perSecond` for ever after. Starts full. Time is an argument, in ms; one that goes
 * backwards refills nothing.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = Number.NEGATIVE_INFINITY;

  /** @param perSecond sustained; 0 = no limit  @param burst 1 or more */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /**
   * Takes one token, or so many; more than a burst are had where there is a whole burst, and are owed.
   * @returns true, or the ms after which there will be as many, if nobody takes them before
   */
  take(now: number, amount = 1): true | number {
    if (this.#perSecond === 0) return true;
    this.#refill(now);
    const needed = Math.min(amount, this.#burst) - ROUNDING;
    if (this.#tokens < needed) return Math.max(1, Math.ceil(((needed - this.#tokens) * 1000) / this.#perSecond));
    this.#tokens -= amount;
    if (Math.abs(this.#tokens) < ROUNDING) this.#tokens = 0;
    return true;
  }

  /** Whether it stands as a new one would: a full bucket can be forgotten. */
  isFull(now: number): boolean {
    if (this.#perSecond === 0) return true;
    this.#refill(now);
    return this.#tokens >= this.#burst - ROUNDING;
  }

  #refill(now: number): void {
    const elapsedMs = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
    this.#at = now;
  }
}
