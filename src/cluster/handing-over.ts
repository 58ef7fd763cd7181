import type { Clock } from "../ports/clock.ts";
import type { Processes } from "./processes.ts";
import { inOrderOf } from "./rendezvous.ts";

/** Sessions that are moved at the same time. */
const MOVED_AT_ONCE = 8;
/** By then every other process has seen that this one drains, and asks the store anew who hosts its sessions. */
export const ANNOUNCED_MS = 500;
/** A process that has not said by then that it hosts the session is not waited for. */
export const TAKEN_WITHIN_MS = 5_000;
/** Processes that are asked to go on with one session: its people wait meanwhile. */
const ASKED_AT_MOST = 2;

/** A session that runs here. */
export interface MovableSession {
  readonly sessionId: string;
  /** whether another process has to go on with it at once */
  readonly isAwaited: boolean;
  /** Decides nothing more. @returns what the next host has to know; undefined: it was closed meanwhile */
  handOver(): Promise<object | undefined>;
  close(why: "host_moved" | "server_restarting"): Promise<void>;
}

export interface HandingOverDeps {
  readonly processes: Pick<Processes, "living">;
  readonly clock: Pick<Clock, "steady" | "after">;
  /** those that run here */
  readonly sessions: () => Iterable<MovableSession>;
  /** Tells the others that this process drains, and opens no more sessions. Resolves when that is stored. */
  readonly announce: () => Promise<void>;
  /** resolves when no session is being opened here */
  readonly nothingOpens: () => Promise<void>;
  /** Asks a process to go on with a session. Resolves when it hosts it. @throws where it does not, in time */
  readonly ask: (processId: string, sessionId: string, handover: object, withinMs: number) => Promise<void>;
  /** another process goes on with it. @param milliseconds in which nothing could be decided */
  readonly onMoved: (sessionId: string, to: string, milliseconds: number) => void;
  /** it is saved, and opened by whoever is asked for it next */
  readonly onSaved: (sessionId: string) => void;
  /** a process did not take it */
  readonly onRefused: (error: unknown, sessionId: string) => void;
}

/**
 * Moves the sessions of this process to those that stay, before it stops: a few at a time, each to the process that is its
 * next by rendezvous hashing. Those that nobody waits for, and those that nobody takes, are saved.
 */
export class HandingOver {
  readonly #deps: HandingOverDeps;
  readonly #seen = new Set<MovableSession>();
  #isOver = false;

  constructor(deps: HandingOverDeps) {
    this.#deps = deps;
  }

  /**
   * To be called once. Never rejects.
   * @param withinMs after this, what is left is the caller's
   */
  async run(withinMs: number): Promise<void> {
    const { clock, announce } = this.#deps;
    const announced = announce();
    // Nobody is left to tell, and nobody to hand to.
    if (this.#targets().length === 0) return;
    const until = clock.steady() + withinMs;
    const late = wait(clock, withinMs);
    await Promise.race([this.#moveAll(announced, until), late.over]);
    this.#isOver = true;
    late.cancel();
  }

  async #moveAll(announced: Promise<void>, until: number): Promise<void> {
    const { clock, nothingOpens } = this.#deps;
    await Promise.race([announced.catch(() => undefined), wait(clock, ANNOUNCED_MS).over]);
    await wait(clock, ANNOUNCED_MS).over;
    for (;;) {
      const opened = nothingOpens();
      await this.#moveThoseHere(until);
      await opened;
      if (this.#isOver || this.#unseen().length === 0) return;
    }
  }

  async #moveThoseHere(until: number): Promise<void> {
    const left = this.#unseen();
    const moveSome = async (): Promise<void> => {
      for (let session = left.shift(); session !== undefined; session = left.shift()) {
        if (this.#isOver) return;
        this.#seen.add(session);
        await this.#move(session, until);
      }
    };
    await Promise.all(Array.from({ length: MOVED_AT_ONCE }, moveSome));
  }

  async #move(session: MovableSession, until: number): Promise<void> {
    const { clock, onMoved, onSaved } = this.#deps;
    const { sessionId } = session;
    const since = clock.steady();
    const to = session.isAwaited ? await this.#handOver(session, until) : undefined;
    if (to === "closed") return;
    await session.close(to === undefined ? "server_restarting" : "host_moved");
    if (to === undefined) onSaved(sessionId);
    else onMoved(sessionId, to, clock.steady() - since);
  }

  /** @returns who goes on with it; undefined: nobody */
  async #handOver(session: MovableSession, until: number): Promise<string | "closed" | undefined> {
    const { ask, clock, onRefused } = this.#deps;
    const { sessionId } = session;
    if (this.#targets().length === 0) return undefined;
    const handover = await session.handOver();
    if (handover === undefined) return "closed";
    const asked = new Set<string>();
    while (asked.size < ASKED_AT_MOST) {
      const [next] = inOrderOf(
        sessionId,
        this.#targets().filter((id) => !asked.has(id)),
      );
      const withinMs = Math.min(TAKEN_WITHIN_MS, until - clock.steady());
      if (next === undefined || withinMs <= 0 || this.#isOver) return undefined;
      asked.add(next);
      try {
        await ask(next, sessionId, handover, withinMs);
        return next;
      } catch (error) {
        onRefused(error, sessionId);
      }
    }
    return undefined;
  }

  #targets(): string[] {
    return this.#deps.processes.living.flatMap(({ processId, isDraining }) => (isDraining ? [] : [processId]));
  }

  #unseen(): MovableSession[] {
    return [...this.#deps.sessions()].filter((session) => !this.#seen.has(session));
  }
}

function wait(clock: Pick<Clock, "after">, ms: number): { readonly over: Promise<void>; cancel(): void } {
  let cancel = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  return { over, cancel: () => cancel() };
}
