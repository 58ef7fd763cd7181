import type { AuditNote } from "../core/record.ts";
import type { Clock } from "../ports/clock.ts";

/** Notes wait so long for a record to travel in. */
const DELAY_MS = 1_000;

/** What a record carries of the second lane. It happened, whether the record is stored or not. */
export interface Carried {
  readonly notes: readonly AuditNote[];
  /** sockets that were opened, for attendance: how many, by user */
  readonly sockets: ReadonlyMap<string, number>;
}

/** Notes and sockets of the second lane that no record carries yet; after 1 s one is written for them (rule J8). */
export class WaitingNotes {
  #notes: AuditNote[] = [];
  #sockets = new Map<string, number>();
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #write: () => Promise<void>;

  /** @param write writes a record that takes them; where it rejects, it is called again */
  constructor(clock: Clock, write: () => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  get any(): boolean {
    return this.#notes.length > 0 || this.#sockets.size > 0;
  }

  add(note: AuditNote): void {
    if (this.#stopped) return;
    this.#notes.push(note);
    this.#arm();
  }

  countSocket(userId: string): void {
    if (this.#stopped) return;
    this.#count(userId, 1);
    this.#arm();
  }

  /** Everything that waits goes into a record. */
  take(): Carried {
    const taken: Carried = { notes: this.#notes, sockets: this.#sockets };
    this.#notes = [];
    this.#sockets = new Map();
    this.#disarm();
    return taken;
  }

  /** The records that carried these are lost: they wait for another, before what came later. */
  giveBack(carried: readonly Carried[]): void {
    this.#notes.unshift(...carried.flatMap(({ notes }) => notes));
    for (const { sockets } of carried) for (const [userId, n] of sockets) this.#count(userId, n);
    if (this.any) this.#arm();
  }

  /** Nothing more is taken in, nor written. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #count(userId: string, n: number): void {
    this.#sockets.set(userId, (this.#sockets.get(userId) ?? 0) + n);
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined || this.#stopped) return;
    this.#cancelTimer = this.#clock.after(DELAY_MS, () => {
      this.#cancelTimer = undefined;
      this.#write().catch(() => this.#arm());
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
