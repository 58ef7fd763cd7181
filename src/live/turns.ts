/** Sessions that one process restores at a time. */
export const RESTORES_AT_ONCE = 2;

/** Work of which only so much runs at a time. Urgent work comes before all other that waits. */
export class Turns {
  readonly #limit: number;
  #running = 0;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  /** @param limit how many run at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does the work when its turn has come. @throws what it throws */
  async take<T>(how: "urgent" | "in order", work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running++;
    else await new Promise<void>((resolve) => (how === "urgent" ? this.#urgent : this.#waiting).push(resolve));
    try {
      return await work();
    } finally {
      // Whoever is next takes the place over; else it is free.
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
