import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "../clients/js/src/digest.ts";
import { COUNTER_PATH } from "./commands.ts";
import { type Endpoints, from } from "./endpoints.ts";
import { type Pace, Player } from "./player.ts";
import { seededRandom } from "./random.ts";
import { type Person, Seat, type SessionView } from "./seat.ts";
import { Sight } from "./sight.ts";
import type { Tally } from "./tally.ts";
import type { Outcome, View } from "./verdict.ts";

/** Who sits at a table. All but the GM send commands; the slow ones only watch, and read in fits and starts. */
export interface TablePlan {
  readonly sessionId: string;
  readonly gm: Person;
  readonly players: readonly Person[];
  readonly slow: readonly Person[];
}

const SETTLE_STEP_MS = 50;
const SLOW_PAUSE_MS = 1900;
const SLOW_READ_MS = 100;

interface Sitting {
  readonly person: Person;
  readonly seat: Seat;
}

/** One session's clients, all in this process. */
export class Table {
  readonly sessionId: string;
  readonly players: readonly Player[];
  readonly #gm: Sitting;
  readonly #playing: readonly Sitting[];
  readonly #slow: readonly Sitting[];
  #start: { readonly seq: number; readonly counter: number } = { seq: 0, counter: 0 };
  #slowTimer: NodeJS.Timeout | undefined;

  /** @param endpoints the GM is at the first one, the others one after the other at all of them */
  constructor(plan: TablePlan, endpoints: Endpoints, tally: Tally, seed: number) {
    this.sessionId = plan.sessionId;
    let seated = 0;
    const sit = (person: Person, watch: readonly Person[]): Sitting => {
      const others = watch.filter((other) => other !== person).map((other) => other.userId);
      const sight = new Sight(others, tally);
      const own = from(endpoints, seated++);
      const seat = new Seat(own, plan.sessionId, person, tally, (state, first) => sight.look(state, first));
      return { person, seat };
    };
    this.#gm = sit(plan.gm, plan.players);
    this.#playing = plan.players.map((person) => sit(person, plan.players));
    this.#slow = plan.slow.map((person) => sit(person, []));
    this.players = this.#playing.map(
      ({ person, seat }, index) => new Player(person.userId, seat, tally, seededRandom(seed + index)),
    );
  }

  /** Everybody in, the GM first. Throws what refuses one of them for good. */
  async join(): Promise<void> {
    await this.#gm.seat.take();
    await Promise.all([...this.#playing, ...this.#slow].map(({ seat }) => seat.take()));
  }

  play(pace: Pace): void {
    this.#start = this.#totals(this.#gm);
    for (const player of this.players) player.start(pace);
    if (this.#slow.length > 0) this.#readInFits();
  }

  /** Nobody sends any more; those who read slowly read on. */
  stop(): void {
    for (const player of this.players) player.stop();
    clearTimeout(this.#slowTimer);
    for (const { seat } of this.#slow) seat.read(true);
  }

  /**
   * Resolves when every command is answered and everybody sees the last one, or after `limitMs`, when what is open stays
   * open.
   */
  async settle(limitMs: number): Promise<void> {
    const deadlineMs = performance.now() + limitMs;
    const givingUp = setTimeout(() => this.#giveUp(), limitMs);
    await Promise.all(this.players.map((player) => player.settled()));
    clearTimeout(givingUp);
    while (!this.#allSeeTheSame() && performance.now() < deadlineMs) await delay(SETTLE_STEP_MS);
  }

  /** What was done here since `play`, and what everybody holds now. */
  outcome(): Outcome {
    const seqs = this.players.flatMap((player) => player.seqs);
    const total = (pick: (player: Player) => number) => this.players.reduce((sum, player) => sum + pick(player), 0);
    const state = this.#gm.seat.state;
    return {
      sessionId: this.sessionId,
      seqAtStart: this.#start.seq,
      counterAtStart: this.#start.counter,
      acknowledged: seqs.length,
      increments: total((player) => player.increments),
      unanswered: total((player) => player.unanswered),
      unseen: this.#all().reduce((sum, { seat }) => sum + seat.unseen, 0),
      sharedSeqs: seqs.length - new Set(seqs).size,
      views: this.#all().map((sitting) => this.#view(sitting)),
      serverDigest: state?.digest && state.digestSeq === state.seq ? state.digest : null,
    };
  }

  /** One player goes, with a goodbye or without, and comes back after `awayMs`. */
  async comeAndGo(index: number, goodbye: boolean, awayMs: number): Promise<void> {
    const seat = this.#playing[index]?.seat;
    if (seat === undefined) throw new Error(`no player ${index} at this table`);
    if (!goodbye) {
      seat.cut();
      return;
    }
    await seat.leave();
    await delay(awayMs);
    await seat.take();
  }

  /** Cuts every connection at once. */
  cut(): void {
    for (const { seat } of this.#all()) seat.cut();
  }

  async leave(): Promise<void> {
    await Promise.all(this.#all().map(({ seat }) => seat.leave()));
  }

  #giveUp(): void {
    for (const { seat } of this.#all()) seat.giveUp();
  }

  #readInFits(): void {
    for (const { seat } of this.#slow) seat.read(false);
    this.#slowTimer = setTimeout(() => {
      for (const { seat } of this.#slow) seat.read(true);
      this.#slowTimer = setTimeout(() => this.#readInFits(), SLOW_READ_MS);
    }, SLOW_PAUSE_MS);
  }

  #allSeeTheSame(): boolean {
    const last = this.players.reduce((highest, { lastSeq }) => Math.max(highest, lastSeq), 0);
    const caughtUp = this.#all().every(({ seat }) => (seat.state?.seq ?? 0) >= last);
    const gm = this.#gm.seat.state;
    return caughtUp && (!gm?.digest || gm.digestSeq === gm.seq);
  }

  #all(): Sitting[] {
    return [this.#gm, ...this.#playing, ...this.#slow];
  }

  #totals({ seat }: Sitting): { seq: number; counter: number } {
    return { seq: seat.state?.seq ?? 0, counter: counterOf(seat.state) };
  }

  #view(sitting: Sitting): View {
    const entries = sitting.seat.state?.entries ?? new Map();
    return { who: sitting.person.userId, ...this.#totals(sitting), digest: digestOf(entries) };
  }
}

function counterOf(state: SessionView | undefined): number {
  const entry = state?.entries.get(COUNTER_PATH);
  return entry === undefined ? 0 : Number(entry.value);
}
