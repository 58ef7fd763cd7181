import type { Second } from "./jobs.ts";
import { Latencies } from "./latencies.ts";
import { figuresOf } from "./process-figures.ts";
import type { Moment } from "./result.ts";

interface Cost {
  readonly serverCpuShare: number | null;
  readonly rssMiB: number | null;
}

/** An evening by seconds: what the workers tell, and what the server's processes use meanwhile. */
export class Timeline {
  readonly #pids: readonly number[];
  readonly #onProgress: (line: string) => void;
  /** by second, from 0; the workers' news of a second come a little after it */
  readonly #latencies: Latencies[] = [];
  readonly #costs: Cost[] = [];
  #cpuMs = 0;
  #atMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(pids: readonly number[], onProgress: (line: string) => void) {
    this.#pids = pids;
    this.#onProgress = onProgress;
  }

  /** The seconds of play; what settling took after it is not in them. */
  get moments(): Moment[] {
    return this.#costs.slice(0, this.#latencies.length).map((cost, index) => this.#moment(cost, index));
  }

  start(): void {
    this.#cpuMs = figuresOf(this.#pids)?.cpuMs ?? 0;
    this.#atMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  /** What one worker acknowledged in one second. */
  hear({ index, acknowledged }: Second): void {
    const latencies = this.#latencies[index] ?? new Latencies();
    latencies.add(acknowledged);
    this.#latencies[index] = latencies;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const last = this.#costs.length - 1;
    const known = this.#costs[last];
    if (known !== undefined) this.#onProgress(sentence(this.#moment(known, last)));
    const atMs = performance.now();
    const figures = figuresOf(this.#pids);
    this.#costs.push({
      serverCpuShare: figures === null ? null : (figures.cpuMs - this.#cpuMs) / (atMs - this.#atMs),
      rssMiB: figures?.rssMiB ?? null,
    });
    this.#cpuMs = figures?.cpuMs ?? 0;
    this.#atMs = atMs;
  }

  #moment(cost: Cost, index: number): Moment {
    const latencies = this.#latencies[index] ?? new Latencies();
    const [p50, p99] = [latencies.percentile(50), latencies.percentile(99)];
    return { second: index + 1, acknowledged: latencies.count, p50, p99, ...cost };
  }
}

function sentence({ second, acknowledged, p50, p99, serverCpuShare }: Moment): string {
  const cpu = serverCpuShare === null ? "" : `, server ${(serverCpuShare * 100).toFixed(0)} % of a core`;
  return `second ${second}: ${acknowledged} commands, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${cpu}`;
}
