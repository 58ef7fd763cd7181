import type { Actor } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";

/** The streams that are open on one session, by person. Each opening and closing is audited. */
export class Streams {
  readonly #open = new Map<string, number>();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onChanged: (userId: string) => void;

  constructor(journal: Journal, clock: Clock, onChanged: (userId: string) => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#onChanged = onChanged;
  }

  /** Whether anybody has one open. */
  get any(): boolean {
    return this.#open.size > 0;
  }

  /** How many somebody has open. */
  of(userId: string): number {
    return this.#open.get(userId) ?? 0;
  }

  /** @returns to be called when it ends; a second call changes nothing */
  opened(person: Pick<Actor, "userId" | "via">): () => void {
    const { userId } = person;
    const change = (by: 1 | -1, kind: "stream.opened" | "stream.closed"): void => {
      const count = this.of(userId) + by;
      if (count === 0) this.#open.delete(userId);
      else this.#open.set(userId, count);
      this.#journal.note(note(kind, person, this.#clock.now()));
      this.#onChanged(userId);
    };
    let isOpen = true;
    change(1, "stream.opened");
    return () => {
      if (isOpen) change(-1, "stream.closed");
      isOpen = false;
    };
  }
}
