const BUCKET_MS = 1_000;
/** Whole seconds that count, besides the one that runs. */
const BUCKETS = 10;

/** How many per second there were over the last 10 s. Time is an argument, in ms. Adding is one sum, whatever the rate. */
export class RecentRate {
  readonly #since: number;
  readonly #counts = new Array<number>(BUCKETS).fill(0);
  /** the second of the newest count */
  #newest = Number.NEGATIVE_INFINITY;

  /** @param since when counting began */
  constructor(since: number) {
    this.#since = since;
  }

  add(n: number, now: number): void {
    const second = Math.floor(now / BUCKET_MS);
    this.#turnTo(second);
    const at = second % BUCKETS;
    this.#counts[at] = this.#counts[at]! + n;
  }

  perSecond(now: number): number {
    this.#turnTo(Math.floor(now / BUCKET_MS));
    const sum = this.#counts.reduce((all, n) => all + n, 0);
    // The oldest bucket began this long ago, but nothing was counted before `since`.
    const windowMs = (BUCKETS - 1) * BUCKET_MS + (now % BUCKET_MS);
    return (sum * 1_000) / Math.max(BUCKET_MS, Math.min(windowMs, now - this.#since));
  }

  /** Empties the buckets of the seconds that have begun since. */
  #turnTo(second: number): void {
    if (second <= this.#newest) return;
    const begun = Math.min(BUCKETS, second - this.#newest);
    for (let i = 0; i < begun; i++) this.#counts[(second - i) % BUCKETS] = 0;
    this.#newest = second;
  }
}
