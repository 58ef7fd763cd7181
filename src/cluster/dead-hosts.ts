import type { Clock } from "../ports/clock.ts";
import type { Lease, Leases, ProcessBeat } from "../ports/leases.ts";
import type { Processes } from "./processes.ts";
import { inOrderOf } from "./rendezvous.ts";

/** Leases that are looked at together. */
const PAGE = 100;
/** Sessions that are opened at the same time. */
const OPENED_AT_ONCE = 8;
/** Between two looks at what is left. */
const LOOK_AGAIN_MS = 500;
/** After this, sessions that another process should have opened are opened here. */
const OTHERS_HAVE_MS = 3_000;

/** What became of a session: open now, open or gone in another way, or not to be opened by anybody. */
export type Opening = "opened" | "elsewhere" | "impossible";

export interface DeadHostsDeps {
  readonly leases: Pick<Leases, "heldBy" | "release">;
  readonly processes: Pick<Processes, "living" | "dead" | "isAlive" | "takeForDead" | "retire" | "listen">;
  readonly clock: Pick<Clock, "steady" | "after">;
  /** of this life of this process */
  readonly processId: string;
  /** whether this process takes no more sessions */
  readonly isDraining: () => boolean;
  /** Opens a session of a dead process here. @throws where it may be tried again */
  readonly open: (sessionId: string) => Promise<Opening>;
  /** this process' share is open. @param milliseconds since the death was known */
  readonly onTakenOver: (from: string, sessions: number, milliseconds: number) => void;
  /** it is tried again. @param sessionId undefined: no session in particular */
  readonly onFailed: (error: unknown, sessionId: string | undefined) => void;
}

/**
 * Opens the sessions of processes that died, before their people come back: windows, countdowns and auto-pauses go on.
 * Each living process opens its share; what is left after a while is opened by whoever sees it. Two that open the same one
 * do no harm: one of them gives way.
 */
export class DeadHosts {
  readonly #deps: DeadHostsDeps;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #waits = new Set<() => void>();
  #isStarted = false;
  #isStopped = false;

  constructor(deps: DeadHostsDeps) {
    this.#deps = deps;
    deps.processes.listen({ died: (process) => this.#begin(process) });
  }

  /** To be called when sessions can be opened. */
  start(): void {
    this.#isStarted = true;
    for (const process of this.#deps.processes.dead) this.#begin(process);
  }

  /** Opens nothing more. Resolves when nothing is being opened. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of this.#waits) wake();
    await Promise.allSettled(this.#underWay.values());
  }

  #begin({ processId }: ProcessBeat): void {
    if (!this.#isStarted || this.#isStopped || this.#underWay.has(processId)) return;
    const work = this.#takeOver(processId).finally(() => this.#underWay.delete(processId));
    this.#underWay.set(processId, work);
  }

  async #takeOver(dead: string): Promise<void> {
    const { processes, clock, onFailed, onTakenOver } = this.#deps;
    const since = clock.steady();
    for (;;) {
      try {
        if (this.#isOver(dead)) return;
        await processes.takeForDead(dead);
        const done = await this.#openShare(dead, clock.steady() - since >= OTHERS_HAVE_MS);
        if (done.opened > 0) onTakenOver(dead, done.opened, clock.steady() - since);
        if (!done.isAnyLeft) return await processes.retire(dead);
      } catch (error) {
        onFailed(error, undefined);
      }
      await this.#wait(LOOK_AGAIN_MS);
    }
  }

  /** Whether there is nothing to do any more: it is there after all, or this process takes nothing. */
  #isOver(dead: string): boolean {
    return this.#isStopped || this.#deps.isDraining() || this.#deps.processes.isAlive(dead);
  }

  /** @returns how many were opened here, and whether the dead process may still have a lease */
  async #openShare(dead: string, all: boolean): Promise<{ opened: number; isAnyLeft: boolean }> {
    let opened = 0;
    let isAnyLeft = false;
    for (let after = ""; ; ) {
      const page = await this.#deps.leases.heldBy(dead, after, PAGE);
      const share = page.filter(({ sessionId }) => all || this.#isMine(sessionId));
      isAnyLeft ||= page.length > 0;
      opened += await this.#openAll(dead, share);
      const last = page.at(-1);
      if (last === undefined || this.#isOver(dead)) return { opened, isAnyLeft };
      after = last.sessionId;
    }
  }

  async #openAll(dead: string, leases: readonly Lease[]): Promise<number> {
    const left = [...leases];
    let opened = 0;
    const openSome = async (): Promise<void> => {
      for (let lease = left.shift(); lease !== undefined; lease = left.shift()) {
        if (this.#isOver(dead)) return;
        if (await this.#openOne(lease)) opened++;
      }
    };
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openSome));
    return opened;
  }

  async #openOne({ sessionId, epoch }: Lease): Promise<boolean> {
    const { leases, open, onFailed } = this.#deps;
    try {
      const outcome = await open(sessionId);
      // It would be tried for ever.
      if (outcome === "impossible") await leases.release(sessionId, epoch);
      return outcome === "opened";
    } catch (error) {
      onFailed(error, sessionId);
      return false;
    }
  }

  #isMine(sessionId: string): boolean {
    const { processes, processId } = this.#deps;
    const others = processes.living.flatMap((other) => (other.isDraining ? [] : [other.processId]));
    return inOrderOf(sessionId, [processId, ...others])[0] === processId;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waits.delete(done);
        resolve();
      };
      const cancel = this.#deps.clock.after(ms, done);
      this.#waits.add(done);
    });
  }
}
