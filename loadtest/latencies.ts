/** How much wider each bucket is than the one before: a percentile is at most this much too high. */
const GROWTH = 1.01;
const LOG_GROWTH = Math.log(GROWTH);
/** Everything below counts as this many ms. */
const FLOOR_MS = 0.01;

/** What is told of many durations, in ms; all 0 where there were none. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A `Latencies` as plain data, to be sent from a worker process to its parent. */
export interface LatenciesData {
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
  readonly max: number;
}

/**
 * Durations in ms, kept as counts in buckets that grow by 1 % (as HdrHistogram does: bounded memory, bounded relative
 * error), so that those of several processes can be added up exactly; percentiles themselves cannot be averaged.
 */
export class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;

  static from(data: LatenciesData): Latencies {
    const latencies = new Latencies();
    latencies.add(data);
    return latencies;
  }

  /** What was recorded after `before` and up to `after`, two looks at the same durations; its `max` is by bucket. */
  static between(before: LatenciesData, after: LatenciesData): LatenciesData {
    const earlier = new Map(before.buckets);
    const buckets = after.buckets
      .map(([bucket, count]) => [bucket, count - (earlier.get(bucket) ?? 0)] as const)
      .filter(([, count]) => count > 0);
    const top = buckets.at(-1);
    return { buckets, max: top === undefined ? 0 : Math.min(upperMs(top[0]), after.max) };
  }

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms / FLOOR_MS) / LOG_GROWTH));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    if (ms > this.#max) this.#max = ms;
  }

  reset(): void {
    this.#buckets.clear();
    this.#count = 0;
    this.#max = 0;
  }

  add(other: LatenciesData): void {
    for (const [bucket, count] of other.buckets) {
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
      this.#count += count;
    }
    this.#max = Math.max(this.#max, other.max);
  }

  /** The duration in ms that `percent` of all (0 to 100, by nearest rank) do not exceed; 0 of none. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let counted = 0;
    for (const [bucket, count] of this.#sorted()) {
      counted += count;
      if (counted >= rank) return Math.min(upperMs(bucket), this.#max);
    }
    return 0;
  }

  summary(): Summary {
    const [p50, p95, p99] = [this.percentile(50), this.percentile(95), this.percentile(99)];
    return { count: this.#count, p50, p95, p99, max: this.#max };
  }

  data(): LatenciesData {
    return { buckets: this.#sorted(), max: this.#max };
  }

  #sorted(): [number, number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }
}

function upperMs(bucket: number): number {
  return FLOOR_MS * GROWTH ** bucket;
}
