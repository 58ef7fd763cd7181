import { type ChainVerdict, NOTHING_VERIFIED, verifyChain } from "../core/audit.ts";
import type { SessionLog } from "../ports/log.ts";

/** So many events are hashed before everybody else has their turn. */
const PAGE = 100;

/**
 * Checks of audit chains: of each session one at a time, shared by all who ask for it, and in the whole process one page
 * per turn of the loop, so that no table waits for them.
 */
export class ChainChecks {
  readonly #log: Pick<SessionLog, "events">;
  readonly #underWay = new Map<string, Promise<ChainVerdict>>();
  #turn: Promise<void> = Promise.resolve();

  constructor(log: Pick<SessionLog, "events">) {
    this.#log = log;
  }

  /** @throws StoreUnavailable | StoredDataDamaged */
  check(sessionId: string): Promise<ChainVerdict> {
    let check = this.#underWay.get(sessionId);
    if (check === undefined) {
      check = this.#check(sessionId).finally(() => this.#underWay.delete(sessionId));
      this.#underWay.set(sessionId, check);
    }
    return check;
  }

  async #check(sessionId: string): Promise<ChainVerdict> {
    let verdict = NOTHING_VERIFIED;
    for (let after = 0; ; ) {
      const events = await this.#log.events(sessionId, after, PAGE);
      await this.#ownTurn();
      verdict = verifyChain(events, verdict);
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE || last.n <= after) return verdict;
      after = last.n;
    }
  }

  /** Resolves in a turn of the loop in which no other page is hashed. */
  #ownTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }
}
