import { TokenBuckets } from "../core/token-buckets.ts";
import { Turns } from "../live/turns.ts";
import type { Clock } from "../ports/clock.ts";
import { type Problem, tooMany } from "./problem.ts";

/** What a write of the rate of writes is worth in entries that are copied. */
const KIB_PER_WRITE = 8;
/** At once: at ten writes a second some 24 MB, which is five full sessions. */
const BURST_SECONDS = 300;

/**
 * Sessions that begin with the entries of another one. Each is a copy, of up to 4 MiB for a request of 100 bytes: what is
 * copied is limited by user besides the writes, and one is copied at a time.
 */
export class Continuations {
  readonly #copied: TokenBuckets;
  readonly #turns = new Turns(1);
  readonly #clock: Pick<Clock, "steady">;

  /** @param writesPerSecond 0 = no limit */
  constructor(writesPerSecond: number, clock: Pick<Clock, "steady">) {
    const kibPerSecond = KIB_PER_WRITE * writesPerSecond;
    this.#copied = new TokenBuckets(kibPerSecond, BURST_SECONDS * kibPerSecond);
    this.#clock = clock;
  }

  /** Copies when its turn has come, and where its user has not copied too much. @param bytes of paths and values */
  take<T>(userId: string, bytes: number, copy: () => Promise<T>): Promise<T | Problem> {
    return this.#turns.take("in order", async () => {
      const waitMs = this.#copied.take(userId, this.#clock.steady(), bytes / 1024);
      return waitMs === true ? await copy() : tooMany(waitMs, "Too much copied");
    });
  }
}
