import type { Actor } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";

/** Of one person at most one opening and one closing are audited in so long. */
const NOTE_EVERY_MS = 60_000;

interface Reader {
  readonly person: Pick<Actor, "userId" | "via">;
  open: number;
  /** what the audit trail says */
  isNotedOpen: boolean;
  /** by the steady clock */
  openedNotedAt: number;
  closedNotedAt: number;
}

/**
 * The streams that are open on one session, by person. That somebody reads, and that they do no more, is audited, each at
 * most once a minute: what changes more often is told as it stands when the minute is over.
 */
export class Streams {
  /** who has one open, or had one a minute ago */
  readonly #readers = new Map<string, Reader>();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onChanged: (userId: string) => void;
  #open = 0;
  #isOver = false;
  #cancelLook: (() => void) | undefined;

  constructor(journal: Journal, clock: Clock, onChanged: (userId: string) => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#onChanged = onChanged;
  }

  /** Whether anybody has one open. */
  get any(): boolean {
    return this.#open > 0;
  }

  /** How many somebody has open. */
  of(userId: string): number {
    return this.#readers.get(userId)?.open ?? 0;
  }

  /** @returns to be called when it ends; a second call changes nothing */
  opened(person: Pick<Actor, "userId" | "via">): () => void {
    const never = Number.NEGATIVE_INFINITY;
    const reader = this.#readers.get(person.userId) ?? {
      ...{ person, open: 0, isNotedOpen: false },
      ...{ openedNotedAt: never, closedNotedAt: never },
    };
    this.#readers.set(person.userId, reader);
    let isOpen = true;
    this.#change(reader, 1);
    return () => {
      if (isOpen) this.#change(reader, -1);
      isOpen = false;
    };
  }

  /** The session's running here is about to end, and with it all of them: that is told now, and nothing after it. */
  endAll(): void {
    this.#isOver = true;
    this.#open = 0;
    for (const reader of this.#readers.values()) {
      reader.open = 0;
      this.#tell(reader, Number.POSITIVE_INFINITY);
    }
  }

  /** The session closes: what is not told yet is told now. */
  stop(): void {
    this.#cancelLook?.();
    this.#cancelLook = () => {};
    for (const reader of this.#readers.values()) this.#tell(reader, Number.POSITIVE_INFINITY);
  }

  #change(reader: Reader, by: 1 | -1): void {
    if (this.#isOver) return;
    reader.open += by;
    this.#open += by;
    this.#tell(reader, this.#clock.steady());
    this.#cancelLook ??= this.#clock.after(NOTE_EVERY_MS, () => this.#look());
    this.#onChanged(reader.person.userId);
  }

  /** Audits what has changed, unless that was audited less than a minute before. */
  #tell(reader: Reader, now: number): void {
    const isOpen = reader.open > 0;
    if (isOpen === reader.isNotedOpen) return;
    if (now < (isOpen ? reader.openedNotedAt : reader.closedNotedAt) + NOTE_EVERY_MS) return;
    reader.isNotedOpen = isOpen;
    if (isOpen) reader.openedNotedAt = now;
    else reader.closedNotedAt = now;
    this.#journal.note(note(isOpen ? "stream.opened" : "stream.closed", reader.person, this.#clock.now()));
  }

  /** A minute after a change: tells what was held back, and forgets who has gone. */
  #look(): void {
    this.#cancelLook = undefined;
    const now = this.#clock.steady();
    let next = Number.POSITIVE_INFINITY;
    for (const [userId, reader] of this.#readers) {
      this.#tell(reader, now);
      const until = Math.max(reader.openedNotedAt, reader.closedNotedAt) + NOTE_EVERY_MS;
      const isSettled = reader.open > 0 === reader.isNotedOpen;
      if (isSettled && reader.open === 0 && until <= now) this.#readers.delete(userId);
      else if (!isSettled || reader.open === 0) next = Math.min(next, Math.max(until, now + 1_000));
    }
    if (next < Number.POSITIVE_INFINITY) this.#cancelLook = this.#clock.after(next - now, () => this.#look());
  }
}
