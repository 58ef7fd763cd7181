import type { Clock } from "../ports/clock.ts";
import type { Leases, ProcessBeat } from "../ports/leases.ts";

/** Each process keeps one heartbeat in the store; dead after 2.5 s without. */
const BEAT_EVERY_MS = 1_000;

/** This life of this process, as the others are told of it. */
export type ThisProcess = Pick<ProcessBeat, "processId" | "internalUrl" | "publicAddress" | "version">;
/** What it does now. */
export type Load = Pick<ProcessBeat, "sessions" | "connections">;

export interface HeartbeatDeps {
  readonly leases: Pick<Leases, "beat">;
  readonly clock: Clock;
  readonly process: ThisProcess;
  readonly load: () => Load;
  /** told of every beat that the store took, and whether others took this process for dead before it */
  readonly onBeat: (wasTakenForDead: boolean) => void;
}

/** Tells the other processes that this one is there. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  readonly #startedAt: number;
  #isDraining = false;
  #isStopped = false;
  #beating: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
  }

  /** This process as it is now. */
  get now(): ProcessBeat {
    const { process, clock, load } = this.#deps;
    const isDraining = this.#isDraining;
    return { ...process, ...load(), beatAt: clock.now(), startedAt: this.#startedAt, isDraining };
  }

  /** The first one, and from then on. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#beat();
    this.#arm();
  }

  /** From now on the others are told that this process takes no more sessions; at once, where the store can be reached. */
  async drains(): Promise<void> {
    this.#isDraining = true;
    await this.#beating?.catch(() => undefined);
    if (!this.#isStopped) await this.#beat().catch(() => undefined);
  }

  /** Resolves when no beat is on its way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#beating?.catch(() => undefined);
  }

  #beat(): Promise<void> {
    const { leases, onBeat } = this.#deps;
    const beating = leases.beat(this.now).then(onBeat);
    this.#beating = beating;
    return beating;
  }

  #arm(): void {
    if (this.#isStopped) return;
    // A beat that fails is not retried sooner: the log, not the heartbeat, decides who may write.
    this.#cancelTimer = this.#deps.clock.after(BEAT_EVERY_MS, () => {
      this.start().catch(() => this.#arm());
    });
  }
}
