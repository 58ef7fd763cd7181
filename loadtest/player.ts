import { CommandRefused, TableClosed } from "../clients/js/src/errors.ts";
import { chooseAction, command, type Mix } from "./commands.ts";
import { poissonGapMs } from "./random.ts";
import type { Seat } from "./seat.ts";
import { nowMs } from "./sight.ts";
import type { Tally } from "./tally.ts";

export interface Pace {
  /** commands per second, on average */
  readonly rate: number;
  readonly mix: Mix;
  /** bytes added to every `set` */
  readonly padBytes: number;
}

/** Somebody who plays: sends commands through a seat and keeps count of what was acknowledged. */
export class Player {
  /** seqs that commands of ours were answered with, each command once */
  readonly seqs: number[] = [];
  lastSeq = 0;
  /** of these: increments */
  increments = 0;
  unanswered = 0;
  readonly #userId: string;
  readonly #seat: Seat;
  readonly #tally: Tally;
  readonly #random: () => number;
  readonly #pending = new Set<Promise<void>>();
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(userId: string, seat: Seat, tally: Tally, random: () => number) {
    this.#userId = userId;
    this.#seat = seat;
    this.#tally = tally;
    this.#random = random;
  }

  /** Sends commands at random moments until `stop`, whether or not the earlier ones are answered (an open loop). */
  start(pace: Pace): void {
    if (pace.rate <= 0) return;
    const next = () => {
      const sending = this.#send(pace);
      this.#pending.add(sending);
      sending.finally(() => this.#pending.delete(sending)).catch(() => {});
      this.#timer = setTimeout(next, poissonGapMs(this.#random, pace.rate));
    };
    this.#timer = setTimeout(next, poissonGapMs(this.#random, pace.rate));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Resolves when every command sent has its answer, or its seat is given up. Rejects on an answer that is no answer. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Sends one command; the seat sends it again until it is known what became of it. */
  async #send(pace: Pace): Promise<void> {
    const id = `${this.#userId}-${this.#sent++}`;
    const sentAtMs = performance.now();
    const body = command(id, chooseAction(pace.mix, this.#random()), this.#userId, nowMs(), pace.padBytes);
    this.#tally.sent++;
    try {
      const answer = await this.#seat.command(body);
      this.#tally.acknowledgedMs.record(performance.now() - sentAtMs);
      if (answer.duplicate) this.#tally.duplicates++;
      this.seqs.push(answer.seq);
      this.lastSeq = Math.max(this.lastSeq, answer.seq);
      if (body.action === "increment") this.increments++;
    } catch (error) {
      if (error instanceof TableClosed) this.unanswered++;
      // a refusal for good is counted where it is heard
      else if (!(error instanceof CommandRefused)) throw error;
    }
  }
}
