import { type WrittenSnapshot, writingOf } from "../core/snapshot.ts";
import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import { type Order, Turns } from "./turns.ts";

/** What is written between two turns of the event loop: about 3 ms. */
const CHARACTERS_PER_TURN = 256 * 1024;
/** After a large one the next waits about as long as this one took of the loop. */
const CHARACTERS_PER_MS = 64 * 1024;

/** A snapshot's text, and the position of the state that it is. */
export interface PositionedSnapshot extends WrittenSnapshot {
  readonly pos: number;
}

/**
 * Writes states of this process as snapshots, one after the other and a few milliseconds at a time: others have their
 * turn in between, and about half of the time, however many sessions are to be saved.
 */
export class SnapshotWriter {
  readonly #turns = new Turns(1);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The state as it is when its turn has come; what is applied to it meanwhile does not show.
   * @param order `urgent`: its session is being closed
   */
  write(state: SessionState, order: () => Order): Promise<PositionedSnapshot> {
    return new Promise((resolve, reject) => {
      const work = async () => {
        const written = await inTurns(state);
        resolve(written);
        if (order() === "in order") await this.#rest(written.text.length);
      };
      this.#turns.take(order, work).catch(reject);
    });
  }

  #rest(characters: number): Promise<void> | undefined {
    if (characters <= CHARACTERS_PER_TURN) return undefined;
    return new Promise((resolve) => this.#clock.after(Math.ceil(characters / CHARACTERS_PER_MS), resolve));
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
