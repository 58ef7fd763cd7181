import type { LogRecord } from "../core/record.ts";
import type { Clock } from "../ports/clock.ts";
import { PositionTaken, StoreUnavailable } from "../ports/failures.ts";
import type { Projection, SessionLog } from "../ports/log.ts";

/** A store that has not answered in this time leaves the outcome open; waiters are told then (contract: within 5 s). */
export const ANSWER_TIMEOUT_MS = 3_000;
const RETRY_MS = [50, 100, 250, 500, 1_000] as const;

/** What became of an append. One of the first three is the last that is told. */
export interface AppendListener {
  /** It is durable. @param milliseconds that the store took, from the call that it answered */
  stored(milliseconds: number): void;
  /** Refused for certain: nothing of it is stored, nor will be. */
  refused(): void;
  /** Another host has written at its position. */
  taken(): void;
  /** Not known, for now: the identical call is made again until it is. Told once. */
  doubtful(): void;
}

/** Records on their way into the log, until it is known what became of them (rules J4, J5 and J7). */
export class Append {
  readonly #records: readonly LogRecord[];
  readonly #projection: Projection | undefined;
  readonly #log: SessionLog;
  readonly #clock: Clock;
  readonly #listener: AppendListener;
  #isDoubtful = false;
  /** its outcome is known, or nobody's concern any more */
  #isOver = false;
  #retries = true;

  constructor(
    records: readonly LogRecord[],
    projection: Projection | undefined,
    log: SessionLog,
    clock: Clock,
    listener: AppendListener,
  ) {
    this.#records = records;
    this.#projection = projection;
    this.#log = log;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** To be called once. Nothing is told before it returns. */
  start(): void {
    this.#try(0);
  }

  /** Makes no further call; the answers to those that were made are still told. */
  stopRetrying(): void {
    this.#retries = false;
  }

  /** Tells nothing more, and makes no further call. */
  abandon(): void {
    this.#isOver = true;
  }

  #try(attempt: number): void {
    let isLate = false;
    const startedAt = performance.now();
    const cancelTimeout = this.#clock.after(ANSWER_TIMEOUT_MS, () => {
      isLate = true;
      this.#retry(attempt);
    });
    this.#ask().then(
      () => {
        cancelTimeout();
        if (this.#isOver) return;
        this.#isOver = true;
        this.#listener.stored(performance.now() - startedAt);
      },
      (error: unknown) => {
        cancelTimeout();
        if (this.#isOver) return;
        if (error instanceof PositionTaken) {
          this.#isOver = true;
          this.#listener.taken();
        } else if (isLate) {
          // Too late to be certain: it is being asked again already.
        } else if (error instanceof StoreUnavailable && attempt === 0) {
          this.#isOver = true;
          this.#listener.refused();
        } else {
          this.#retry(attempt);
        }
      },
    );
  }

  /** `async`, so that a store that throws at once is one that rejects. */
  async #ask(): Promise<void> {
    await this.#log.append(this.#records, this.#projection);
  }

  #retry(attempt: number): void {
    if (this.#isOver) return;
    if (!this.#isDoubtful) {
      this.#isDoubtful = true;
      this.#listener.doubtful();
    }
    const delayMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 1_000;
    this.#clock.after(delayMs, () => {
      if (!this.#isOver && this.#retries) this.#try(attempt + 1);
    });
  }
}
