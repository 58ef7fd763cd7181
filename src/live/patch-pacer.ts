import type { Clock } from "../ports/clock.ts";

/** Changes of the presence lane wait so long for company: within the contract's 500 ms, and one patch for many. */
const PRESENCE_DELAY_MS = 50;

/**
 * When a patch goes out, to a room or to streams: at once after a commit, but under load no more often than once per floor, so that many
 * commits share one patch. Nothing runs while nothing changes.
 */
export class PatchPacer {
  readonly #clock: Clock;
  readonly #floorMs: number;
  readonly #send: () => void;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #waiting: (() => void)[] = [];
  #stopped = false;

  /** @param floorMs 0: every commit has its own patch */
  constructor(clock: Clock, floorMs: number, send: () => void) {
    this.#clock = clock;
    this.#floorMs = floorMs;
    this.#send = send;
  }

  /** Something committed is to be seen. @returns undefined if it was sent, else a promise of that */
  commit(): Promise<void> | undefined {
    if (this.#stopped) return undefined;
    const now = this.#clock.steady();
    const dueAt = this.#lastSentAt + this.#floorMs;
    if (now >= dueAt) {
      this.#sendNow();
      return undefined;
    }
    this.#arm(dueAt, now);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Something that may wait a little. */
  request(): void {
    if (this.#stopped) return;
    const now = this.#clock.steady();
    this.#arm(now + PRESENCE_DELAY_MS, now);
  }

  /** Lets nobody wait any longer; nothing is sent any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#release();
  }

  #arm(dueAt: number, now: number): void {
    if (this.#dueAt <= dueAt) return;
    this.#cancel?.();
    this.#dueAt = dueAt;
    this.#cancel = this.#clock.after(dueAt - now, () => this.#sendNow());
  }

  #sendNow(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#lastSentAt = this.#clock.steady();
    this.#send();
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
