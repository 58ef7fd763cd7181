import { TokenBucket } from "./rate.ts";

/**
 * The same rate for each of many: a token bucket per key. Time is an argument, in ms. Full buckets say nothing and are
 * forgotten, so that there are no more than keys of which some was taken just now.
 */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  /** in the order of their last use */
  readonly #byKey = new Map<string, TokenBucket>();

  /** As for `TokenBucket`. */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes tokens of the key's, as `TokenBucket.take`. */
  take(key: string, now: number, amount = 1): true | number {
    if (this.#perSecond === 0) return true;
    this.#forgetFull(now);
    const bucket = this.#byKey.get(key) ?? new TokenBucket(this.#perSecond, this.#burst);
    this.#byKey.delete(key);
    this.#byKey.set(key, bucket);
    return bucket.take(now, amount);
  }

  /** keys that are remembered */
  get size(): number {
    return this.#byKey.size;
  }

  /** Forgets a key that nobody takes of any more, where its bucket says nothing: one that is not full is kept. */
  forget(key: string, now: number): void {
    if (this.#byKey.get(key)?.isFull(now)) this.#byKey.delete(key);
  }

  #forgetFull(now: number): void {
    for (const [key, bucket] of this.#byKey) {
      if (!bucket.isFull(now)) return;
      this.#byKey.delete(key);
    }
  }
}
