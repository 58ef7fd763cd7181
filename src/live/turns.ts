/** Sessions that one process restores at a time. */
export const RESTORES_AT_ONCE = 2;

export type Order = "urgent" | "in order";

/** Work that waits for its turn. Its order is asked when a turn is free: it may have become urgent meanwhile. */
interface Waiting {
  readonly order: () => Order;
  readonly start: () => void;
}

/** Work of which only so much runs at a time. Urgent work comes before all other that waits. */
export class Turns {
  readonly #limit: number;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  /** @param limit how many run at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does the work when its turn has come. @throws what it throws */
  async take<T>(order: Order | (() => Order), work: () => Promise<T>): Promise<T> {
    const asked = typeof order === "function" ? order : () => order;
    if (this.#running < this.#limit) this.#running++;
    else await new Promise<void>((start) => this.#waiting.push({ order: asked, start }));
    try {
      return await work();
    } finally {
      // Whoever is next takes the place over; else it is free.
      const next = this.#takeNext();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  #takeNext(): Waiting | undefined {
    const urgent = this.#waiting.findIndex(({ order }) => order() === "urgent");
    return this.#waiting.splice(Math.max(urgent, 0), 1)[0];
  }
}
