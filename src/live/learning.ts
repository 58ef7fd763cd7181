import type { Clock } from "../ports/clock.ts";
import { OutcomeUnknown, StoreUnavailable } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";

/** Between two sessions, so that those that run have the loop and the store to themselves most of the time. */
const PAUSE_MS = 50;
/** After the store failed. */
const RETRY_MS = 5_000;

export interface LearningDeps {
  readonly stores: Pick<Stores, "sessions">;
  readonly clock: Clock;
  /** notes who may come into a session. @throws StoreUnavailable | OutcomeUnknown | StoredDataDamaged */
  readonly learn: (sessionId: string) => Promise<unknown>;
  /** @param sessionId undefined: the store failed, and is asked again */
  readonly onFailed: (error: unknown, sessionId: string | undefined) => void;
}

/**
 * Makes up for what former programs did not note: who may come into sessions. One after the other, once when the process
 * starts; a session that is asked about before its turn is made up for then. One that is damaged is left as it is.
 */
export class Learning {
  readonly #deps: LearningDeps;
  #after = "";
  #isStopped = false;
  #learning: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: LearningDeps) {
    this.#deps = deps;
  }

  /** To be called once. */
  start(): void {
    this.#in(0);
  }

  /** Begins nothing more. Resolves when the session that is under way is done with. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#learning;
  }

  #in(ms: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.after(ms, () => {
      this.#learning = this.#next().then(
        (wait) => {
          if (wait !== undefined) this.#in(wait);
        },
        (error) => {
          this.#deps.onFailed(error, undefined);
          this.#in(RETRY_MS);
        },
      );
    });
  }

  /** @returns how long to wait before the next; undefined where there is none */
  async #next(): Promise<number | undefined> {
    const [sessionId] = await this.#deps.stores.sessions.unlearned(this.#after, 1);
    if (sessionId === undefined) return undefined;
    try {
      await this.#deps.learn(sessionId);
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof OutcomeUnknown) throw error;
      this.#deps.onFailed(error, sessionId);
    }
    this.#after = sessionId;
    return PAUSE_MS;
  }
}
