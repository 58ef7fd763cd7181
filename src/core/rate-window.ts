/** So many per key in any stretch of that length. Time is an argument, in ms. */
export class RateWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  /** the times that still count, oldest first, by key; keys in the order of their newest time */
  readonly #taken = new Map<string, number[]>();

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Takes one. @returns true, or the ms after which there will be one again */
  take(key: string, now: number): true | number {
    this.#forget(now);
    const times = (this.#taken.get(key) ?? []).filter((at) => at > now - this.#windowMs);
    if (times.length >= this.#limit) return Math.max(1, times[0]! + this.#windowMs - now);
    times.push(now);
    this.#taken.delete(key);
    this.#taken.set(key, times);
    return true;
  }

  /** keys that are remembered */
  get size(): number {
    return this.#taken.size;
  }

  /** Keys of which nothing counts any more: they stand at the front. */
  #forget(now: number): void {
    for (const [key, times] of this.#taken) {
      if (times.at(-1)! > now - this.#windowMs) return;
      this.#taken.delete(key);
    }
  }
}
