import type { Summary } from "./latencies.ts";
import type { EveningResult } from "./result.ts";

/** One figure of an evening, by a name that people understand. */
export interface Measure {
  readonly name: string;
  /** null where it was not measured */
  readonly of: (result: EveningResult) => number | null;
}

/** The figures that reports and comparisons show, in this order. */
export const MEASURES: readonly Measure[] = [
  { name: "joins a second", of: (result) => result.joins.perSecond },
  { name: "join p50, ms", of: (result) => told(result.joins.ms, "p50") },
  { name: "join p99, ms", of: (result) => told(result.joins.ms, "p99") },
  { name: "commands a second", of: (result) => result.commands.perSecond },
  { name: "acknowledged p50, ms", of: (result) => told(result.commands.ms, "p50") },
  { name: "acknowledged p95, ms", of: (result) => told(result.commands.ms, "p95") },
  { name: "acknowledged p99, ms", of: (result) => told(result.commands.ms, "p99") },
  { name: "acknowledged max, ms", of: (result) => told(result.commands.ms, "max") },
  { name: "visible to others p50, ms", of: (result) => told(result.visibleMs, "p50") },
  { name: "visible to others p95, ms", of: (result) => told(result.visibleMs, "p95") },
  { name: "visible to others p99, ms", of: (result) => told(result.visibleMs, "p99") },
  { name: "visible to others max, ms", of: (result) => told(result.visibleMs, "max") },
  { name: "delivered updates", of: (result) => result.delivered },
  { name: "bytes received per command", of: (result) => result.bytesPerCommand || null },
  { name: "bytes received per delivery", of: (result) => result.bytesPerDelivery || null },
  { name: "server CPU-ms per 1,000 delivered", of: (result) => result.server?.cpuMsPer1000Delivered || null },
  { name: "server CPU, % of a core", of: (result) => percent(result.server?.cpuShare) },
  { name: "server memory (RSS), MiB", of: (result) => result.server?.rssMiB ?? null },
  { name: "server memory (RSS) peak, MiB", of: (result) => result.server?.peakRssMiB ?? null },
  { name: "server memory per client, KiB", of: (result) => result.kibPerClient },
  { name: "returns after a lost connection", of: (result) => result.backMs.count },
  { name: "return p99, ms", of: (result) => told(result.backMs, "p99") },
  { name: "clients' CPU, % of a core", of: (result) => percent(result.clients.cpuShare) },
  { name: "clients' own lateness p99, ms", of: (result) => result.clients.loopP99Ms },
];

function percent(share: number | undefined): number | null {
  return share === undefined ? null : share * 100;
}

/** A figure of durations; of none there is none, and 0 would say that all were quick. */
function told(durations: Summary, figure: "p50" | "p95" | "p99" | "max"): number | null {
  return durations.count === 0 ? null : durations[figure];
}
