import { type WrittenSnapshot, writingOf } from "../core/snapshot.ts";
import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import { type Order, Turns } from "./turns.ts";

/** What is written between two turns of the event loop: about 3 ms. */
const CHARACTERS_PER_TURN = 256 * 1024;
/** After a large one nothing is saved for so many times as long as it took: it keeps the store from others, too. */
const REST_PER_WORK = 3;
const LONGEST_REST_MS = 5_000;

/** A snapshot's text, and the position of the state that it is. */
export interface PositionedSnapshot extends WrittenSnapshot {
  readonly pos: number;
}

/**
 * Writes states of this process as snapshots, and saves them, one after the other and a few milliseconds at a time: others
 * have their turn in between, in this process and in the store, however many sessions are to be saved.
 */
export class SnapshotWriter {
  readonly #turns = new Turns(1);
  readonly #clock: Clock;
  #endRest: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Saves the state as it is when its turn has come; what is applied to it meanwhile does not show.
   * @param order `urgent`: its session is being closed
   * @throws what `save` throws
   */
  write(
    state: SessionState,
    order: () => Order,
    save: (snapshot: PositionedSnapshot) => Promise<void>,
  ): Promise<PositionedSnapshot> {
    return new Promise((resolve, reject) => {
      const work = async () => {
        const startedAt = this.#clock.steady();
        const written = await inTurns(state);
        await save(written).then(() => resolve(written), reject);
        const isLarge = written.text.length > CHARACTERS_PER_TURN;
        if (isLarge && order() === "in order") await this.#rest(this.#clock.steady() - startedAt);
      };
      this.#turns.take(order, work).catch(reject);
    });
  }

  /** A session closes: nobody rests now. */
  hurry(): void {
    this.#endRest?.();
  }

  #rest(cost: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.min(REST_PER_WORK * cost, LONGEST_REST_MS), resolve);
      this.#endRest = () => {
        cancel();
        resolve();
      };
    });
  }
}

async function inTurns(state: SessionState): Promise<PositionedSnapshot> {
  const { pos } = state;
  const writing = writingOf(state);
  for (let characters = 0; ; ) {
    const { done, value } = writing.next();
    if (done) return { pos, ...value };
    characters += value;
    if (characters < CHARACTERS_PER_TURN) continue;
    characters = 0;
    await new Promise(setImmediate);
  }
}
