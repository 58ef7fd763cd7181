import type { Clock } from "../../src/ports/clock.ts";

/** Lets everything that waits for promises alone run to its end. No time passes on a `HandClock` meanwhile. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until it is cranked, or made to jump. */
export class HandClock implements Clock {
  #now: number;
  #jumpedMs = 0;
  #order = 0;
  readonly #timers = new Set<{ readonly at: number; readonly order: number; readonly callback: () => void }>();

  /** @param startMs ms since 1970 */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now + this.#jumpedMs;
  }

  steady(): number {
    return this.#now;
  }

  /** The system's clock is set anew, forward or (negative) back; no time passes. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** timers that are set */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Lets time pass: every timer that comes due is called at its time, in order, those included that are set on the way;
   * what waits for promises runs before, between and after.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number) {
    let next: { readonly at: number; readonly order: number; readonly callback: () => void } | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
