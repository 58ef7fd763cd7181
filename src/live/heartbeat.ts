import type { Clock } from "../ports/clock.ts";
import type { Leases, ProcessBeat } from "../ports/leases.ts";

/** Each process keeps one heartbeat in the store; dead after 2.5 s without. */
const BEAT_EVERY_MS = 1_000;
/** Beats that a slow store has not taken yet, at most. */
const UNDER_WAY = 2;

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
  readonly #underWay = new Set<Promise<void>>();
  #isDraining = false;
  #isStopped = false;
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
    await Promise.allSettled(this.#underWay);
    if (!this.#isStopped) await this.#beat().catch(() => undefined);
  }

  /** Resolves when no beat is on its way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await Promise.allSettled(this.#underWay);
  }

  async #beat(): Promise<void> {
    const { leases, onBeat } = this.#deps;
    const beating = leases.beat(this.now).then(onBeat);
    this.#underWay.add(beating);
    await beating.finally(() => this.#underWay.delete(beating));
  }

  /** The pace is kept while the store is slow: to be silent is to be dead. */
  #arm(): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.after(BEAT_EVERY_MS, () => {
      this.#arm();
      // A beat that fails is not retried sooner: the log, not the heartbeat, decides who may write.
      if (this.#underWay.size < UNDER_WAY) this.#beat().catch(() => undefined);
    });
  }
}
