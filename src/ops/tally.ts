import { Counter, type Registry } from "prom-client";

/**
 * A counter with one label that costs one map write per count: prom-client is handed the sums when it is asked for them.
 * Labels that are known beforehand stand at 0 from the start, so that a rate sees their first count.
 */
export class Tally<Label extends string> {
  readonly #counts: Map<Label, number>;

  constructor(registry: Registry, name: string, help: string, label: string, known: readonly Label[]) {
    const counts = new Map(known.map((one) => [one, 0]));
    this.#counts = counts;
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    });
  }

  add(label: Label): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
  }
}
