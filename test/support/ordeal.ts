import assert from "node:assert/strict";
import { Evening, type Role } from "./evening.ts";
import { eventually, pause } from "./eventually.ts";
import type { Trail } from "./history.ts";
import { writeHistory } from "./history-file.ts";
import { Load } from "./load.ts";
import { Random } from "./random.ts";
import { Recorder } from "./recorder.ts";
import type { Seat } from "./seat.ts";
import { ServerProcess } from "./server.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export const PEOPLE = ["gm", "ana", "ben", "cleo"] as const;
const MEMBERS: Readonly<Record<string, Role>> = { ana: "player", ben: "player", cleo: "player" };
const SHOWN_PROBLEMS = 20;
/** in which everybody is back, and has every answer, once nothing fails any more */
/** The contract's 2 s for an event to be in the trail, and time for the last ones of several. */
const AUDITED_WITHIN_MS = 4_000;
const SETTLED_WITHIN_MS = 20_000;

export interface OrdealOptions {
  /** of the run, in its log and in the name of the file that a failure leaves */
  readonly name: string;
  /** configuration of the server beside the usual, `MONGODB_URI` for one */
  readonly env?: Readonly<Record<string, string>>;
  /** a server that runs already, instead of one of its own; disposed of with the rest */
  readonly server?: ServerProcess;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** how long people's tokens are good; default 1 */
  readonly tokenHours?: number;
  /** default: a new one, or `SEED` of the environment */
  readonly random?: Random;
}

/**
 * An evening under load, on a server or a store that is made to fail while people play, with everything recorded; and the
 * judgement over all of it. Whoever loses the connection joins again, and what had no answer is sent again.
 */
export class Ordeal {
  readonly recorder = new Recorder();
  readonly random: Random;
  readonly server: ServerProcess;
  readonly evening: Evening;
  readonly seats = new Map<string, Seat>();
  readonly #name: string;
  readonly #loads: readonly Load[];
  readonly #startedAt = performance.now();
  #plays = 0;
  #joins = 0;

  private constructor(name: string, random: Random, server: ServerProcess, evening: Evening) {
    this.#name = name;
    this.random = random;
    this.server = server;
    this.evening = evening;
    this.#loads = PEOPLE.map((userId) => new Load(userId, this.recorder, random));
  }

  /** Starts the server, sets the session up, and prints the seed. */
  static async begin({ name, env, server: given, settings, random, tokenHours = 1 }: OrdealOptions): Promise<Ordeal> {
    const rates = { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" };
    const server = given ?? (await ServerProcess.start({ env: { ...rates, ...env } }));
    try {
      const session = { settings: { snapshotEvery: 2, ...settings } };
      const evening = await Evening.prepare(server, { members: MEMBERS, session, tokenSeconds: tokenHours * 3_600 });
      const chance = random ?? Random.fromEnvironment();
      console.log(`      ${name}: SEED=${chance.seed} repeats the choices, not the timing`);
      return new Ordeal(name, chance, server, evening);
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  /**
   * Everybody who is not in joins, the server's state is looked at, and all play while `fault` happens, until it is over: it
   * may end the server, and then has to start it again.
   * @param mayLoseTail see `Checkpoint`: what the fault before this did
   */
  async play(fault: () => Promise<void>, { mayLoseTail = false } = {}): Promise<void> {
    this.#plays += 1;
    await this.sitDown();
    await this.look(`before fault ${this.#plays}`, { mayLoseTail });
    let isOver = false;
    const runs = this.#loads.map((load) => load.run(this.#seatOf(load.userId), () => isOver));
    try {
      await fault();
    } finally {
      isOver = true;
      await Promise.all(runs);
    }
  }

  /** Everybody who has lost the connection joins again, and finds their place. */
  async sitDown(): Promise<void> {
    const joins = await Promise.allSettled(
      PEOPLE.map(async (userId) => {
        if (this.seats.get(userId)?.closing === null) return;
        const seat = await this.evening.person(userId).join(this.evening.sessionId);
        const label = `join ${++this.#joins}, after ${this.#plays - 1} faults`;
        this.recorder.watch(seat, label);
        this.recorder.place(seat, label);
        this.seats.set(userId, seat);
      }),
    );
    for (const join of joins) if (join.status === "rejected") throw join.reason;
  }

  /** Records the audit trail, and what the server says of it: once nothing is added between the two questions. */
  async #trail(): Promise<void> {
    const deadline = Date.now() + AUDITED_WITHIN_MS;
    for (;;) {
      const verdict = await this.evening.gm.get<Trail["verdict"]>("GET", `${this.evening.path}/events/verify`);
      const events = await this.evening.events();
      if (events.length === verdict.count || Date.now() > deadline) {
        this.recorder.trail("at the end", verdict, events);
        return;
      }
    }
  }

  /** Records the server's whole state. */
  async look(label: string, options: { readonly mayLoseTail?: boolean } = {}): Promise<void> {
    this.recorder.checkpoint(label, await this.evening.gm.get("GET", `${this.evening.path}/state`), options);
  }

  /**
   * The end: nothing fails any more, everybody joins, everything without an answer is sent again, and the whole history is
   * judged and its counts printed. Where it does not hold, it is left in a file.
   * @throws AssertionError with the first problems
   */
  async judge({ mayLoseTail = false } = {}): Promise<Verdict> {
    await this.sitDown();
    await this.look("after the last fault", { mayLoseTail });
    await eventually("an answer to every command", () => this.#settle(), SETTLED_WITHIN_MS);
    await this.look("at the end");
    await Promise.all([...this.seats.values()].map((seat) => this.recorder.digest(seat)));
    await this.#trail();

    const judged = verdictOf(this.recorder);
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(1);
    console.log(`      ${this.#name}: ${this.#plays} faults in ${seconds} s: ${judged.counts}`);
    if (judged.problems.length > 0) {
      const path = writeHistory(this.recorder, { name: this.#name, seed: this.random.seed });
      console.log(`      the whole history: node test/support/judge.ts ${path}`);
    }
    assert.deepEqual(judged.problems.slice(0, SHOWN_PROBLEMS), []);
    const accepted = this.recorder.commands.filter(({ answers }) => answers.length > 0).length;
    assert.ok(accepted > 0, "nobody did anything: there was nothing to judge");
    return judged;
  }

  async dispose(): Promise<void> {
    await this.server.dispose();
  }

  async #settle(): Promise<boolean> {
    await Promise.all(this.#loads.map((load) => load.sendAgain(this.#seatOf(load.userId))));
    const isSettled = this.#loads.every(({ open }) => open === 0);
    if (!isSettled) await pause(100);
    return isSettled;
  }

  #seatOf(userId: string): Seat {
    const seat = this.seats.get(userId);
    if (seat === undefined) throw new Error(`${userId} has not joined`);
    return seat;
  }
}
