import type { Summary } from "./latencies.ts";
import type { EveningOptions } from "./play.ts";

/** What one evening measured: what `--json` writes and `--compare` reads. Durations in ms, sizes as named. */
export interface EveningResult {
  readonly at: string;
  readonly options: EveningOptions;
  readonly joins: { readonly count: number; readonly perSecond: number; readonly ms: Summary };
  readonly commands: {
    readonly sent: number;
    readonly acknowledged: number;
    readonly perSecond: number;
    /** found committed when sent again after a lost answer */
    readonly duplicates: number;
    readonly ms: Summary;
  };
  /** from sending until another client's state shows it */
  readonly visibleMs: Summary;
  /** returns after a lost connection */
  readonly backMs: Summary;
  readonly delivered: number;
  readonly bytesPerCommand: number;
  readonly bytesPerDelivery: number;
  /** by code, joining included */
  readonly refused: Readonly<Record<string, number>>;
  readonly closed: Readonly<Record<string, number>>;
  /** of all its processes together; null where they are not known */
  readonly server: ServerCost | null;
  /** of each of them, in the order of the command line; none where they are not known */
  readonly servers: readonly ServerCost[];
  /** how much the server's memory (RSS) grew while they joined, shared out; null where its process is not known */
  readonly kibPerClient: number | null;
  /** of the worker processes together: share of one core, and how late their timers were */
  readonly clients: { readonly cpuShare: number; readonly loopP99Ms: number; readonly loopMaxMs: number };
  readonly timeline: readonly Moment[];
  /** percentile of acknowledged latency, and ms */
  readonly curve: readonly (readonly [percent: number, acknowledgedMs: number, visibleMs: number])[];
  /** what was lost, duplicated or not the same for everybody, a sentence each */
  readonly faults: readonly string[];
}

export interface ServerCost {
  readonly cpuMs: number;
  /** of one core */
  readonly cpuShare: number;
  readonly cpuMsPer1000Delivered: number;
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

/** One second of play. */
export interface Moment {
  readonly second: number;
  readonly acknowledged: number;
  readonly p50: number;
  readonly p99: number;
  /** of one core; null where the server's process is not known */
  readonly serverCpuShare: number | null;
  readonly rssMiB: number | null;
}
