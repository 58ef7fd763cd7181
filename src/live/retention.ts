import { OutcomeUnknown, StoreUnavailable } from "../ports/failures.ts";
import type { EndedSession } from "../ports/sessions.ts";
import { type ForgettingDeps, forgetContent } from "./forgetting.ts";

const DAY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Processes that start together do not sweep together. */
const FIRST_SWEEP_WITHIN_MS = 5_000;
/** Between two sessions, so that those that run have the store to themselves most of the time. */
const PAUSE_MS = 50;
/** Sessions that are looked up at once. */
const PAGE = 100;
/** A store that failed so often in a row is left alone until the next sweep. */
const FAILURES_IN_A_ROW = 3;

export interface RetentionDeps extends ForgettingDeps {
  /** whole days after its end for which a session's content is kept; 0: for ever */
  readonly days: number;
  readonly onForgotten: (sessionId: string) => void;
  /** it is tried again with the next sweep. @param sessionId undefined: no session in particular */
  readonly onFailed: (error: unknown, sessionId: string | undefined) => void;
}

/**
 * Forgets the content of sessions that ended long enough ago: soon after the start, then every hour, one session after the
 * other. Safe on any number of processes of one store, and at any end of this one (rules Y2 to Y9).
 */
export class Retention {
  readonly #deps: RetentionDeps;
  #isStopped = false;
  #sweeping: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  /** ends a pause */
  #wake: (() => void) | undefined;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** To be called once. With 0 days nothing ever happens. */
  start(): void {
    if (this.#deps.days > 0) this.#armSweep(this.#deps.chance.float() * FIRST_SWEEP_WITHIN_MS);
  }

  /** Begins nothing more. Resolves when the session that is under way is done with. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#wake?.();
    await this.#sweeping;
  }

  #armSweep(ms: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.after(ms, () => {
      this.#sweeping = this.#sweep().catch((error) => this.#deps.onFailed(error, undefined));
      void this.#sweeping.then(() => this.#armSweep(SWEEP_EVERY_MS));
    });
  }

  async #sweep(): Promise<void> {
    const { stores, clock, days } = this.#deps;
    const endedBy = clock.now() - days * DAY_MS;
    let after: EndedSession | undefined;
    do {
      const page = await stores.sessions.endedWithContent(endedBy, PAGE, after);
      const settled = await this.#forgetAll(page, endedBy);
      if (settled === undefined) return;
      if (page.length > 0) await stores.scrub();
      // Last of all: until it is noted the next sweep looks again, whatever ends this one.
      for (const sessionId of settled) await stores.sessions.contentGone(sessionId);
      after = page.at(-1);
    } while (after !== undefined && !this.#isStopped);
  }

  /** @returns those of which nothing is left; undefined where the store fails, so that the sweep is to end */
  async #forgetAll(sessions: readonly EndedSession[], endedBy: number): Promise<string[] | undefined> {
    const settled: string[] = [];
    let failures = 0;
    for (const { sessionId } of sessions) {
      if (this.#isStopped) break;
      try {
        const became = await forgetContent(sessionId, endedBy, this.#deps);
        if (became === "forgotten") this.#deps.onForgotten(sessionId);
        if (became === "settled") settled.push(sessionId);
        failures = 0;
      } catch (error) {
        this.#deps.onFailed(error, sessionId);
        // What concerns one session alone, damage, holds up no other.
        if (error instanceof StoreUnavailable || error instanceof OutcomeUnknown) failures++;
        if (failures === FAILURES_IN_A_ROW) return undefined;
      }
      await this.#pause();
    }
    return settled;
  }

  #pause(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(PAUSE_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
