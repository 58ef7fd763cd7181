import type { Clock } from "../ports/clock.ts";
import type { Leases } from "../ports/leases.ts";

/** Each process keeps one heartbeat in the store; dead after 2.5 s without. */
const BEAT_EVERY_MS = 1_000;

/** Tells the other processes that this one is there. */
export class Heartbeat {
  readonly #leases: Leases;
  readonly #clock: Clock;
  readonly #processId: string;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(leases: Leases, clock: Clock, processId: string) {
    this.#leases = leases;
    this.#clock = clock;
    this.#processId = processId;
  }

  /** The first one, and from then on. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#leases.beat({ processId: this.#processId, beatAt: this.#clock.now() });
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #arm(): void {
    if (this.#isStopped) return;
    // A beat that fails is not retried sooner: the log, not the heartbeat, decides who may write.
    this.#cancelTimer = this.#clock.after(BEAT_EVERY_MS, () => {
      this.start().catch(() => this.#arm());
    });
  }
}
