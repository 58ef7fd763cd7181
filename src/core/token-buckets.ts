import { TokenBucket } from "./rate.ts";

/** The same rate for each of many: a token bucket per key. Time is an argument, in ms. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #byKey = new Map<string, TokenBucket>();

  /** As for `TokenBucket`. */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes one of the key's tokens. @returns true, or the ms after which there will be one */
  take(key: string, now: number): true | number {
    let bucket = this.#byKey.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#perSecond, this.#burst);
      this.#byKey.set(key, bucket);
    }
    return bucket.take(now);
  }

  /** Forgets a key that nobody takes of any more, where its bucket says nothing: one that is not full is kept. */
  forget(key: string, now: number): void {
    if (this.#byKey.get(key)?.isFull(now)) this.#byKey.delete(key);
  }
}
