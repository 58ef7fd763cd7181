import { stampedAt, stampPath } from "./commands.ts";
import type { SessionView } from "./seat.ts";
import type { Tally } from "./tally.ts";

/** Ms since 1970 with a fraction, the same in every process of a machine. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * What one client gets to see: how many commands reached it, and how long the others' `set`s took to get here. Of several
 * `set`s of one player in one patch only the last can be seen, and counts.
 */
export class Sight {
  readonly #watched: readonly string[];
  readonly #versions: number[];
  readonly #tally: Tally;
  #seq = 0;

  constructor(others: readonly string[], tally: Tally) {
    this.#watched = others.map(stampPath);
    this.#versions = others.map(() => 0);
    this.#tally = tally;
  }

  /** Takes a state as it arrives; `first`: a whole one, of which nothing is news. */
  look(state: SessionView, first: boolean): void {
    if (!first) this.#tally.delivered += state.seq - this.#seq;
    this.#seq = state.seq;
    for (const [index, path] of this.#watched.entries()) {
      const entry = state.entries.get(path);
      if (entry === undefined || entry.version === this.#versions[index]) continue;
      this.#versions[index] = entry.version;
      if (!first) this.#tally.visibleMs.record(nowMs() - stampedAt(entry.value));
    }
  }
}
