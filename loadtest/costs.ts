import type { ProcessFigures } from "./process-figures.ts";
import type { EveningResult, ServerCost } from "./result.ts";

type Figures = ProcessFigures | null;
type Costs = Pick<EveningResult, "server" | "servers">;

/**
 * What the servers' processes used between two moments, each and together; null and none where one of them is not known, or
 * was another one after a restart.
 */
export function costs(
  before: readonly Figures[],
  after: readonly Figures[],
  seconds: number,
  delivered: number,
): Costs {
  const servers = after.flatMap((now, index) => {
    const then = before[index] ?? null;
    return now === null || then === null ? [] : [costOf(then, now, seconds, delivered)];
  });
  if (servers.length === 0 || servers.length < Math.max(before.length, after.length))
    return { server: null, servers: [] };
  const sum = (of: keyof ServerCost) => servers.reduce((total, cost) => total + cost[of], 0);
  const server: ServerCost = {
    cpuMs: sum("cpuMs"),
    cpuShare: sum("cpuShare"),
    cpuMsPer1000Delivered: sum("cpuMsPer1000Delivered"),
    rssMiB: sum("rssMiB"),
    peakRssMiB: sum("peakRssMiB"),
  };
  return { server, servers };
}

/** How much memory grew, shared out over those who joined; null where it is not known. */
export function grownKib(empty: Figures, full: Figures, clients: number): number | null {
  return empty === null || full === null ? null : ((full.rssMiB - empty.rssMiB) * 1024) / clients;
}

function costOf(before: ProcessFigures, after: ProcessFigures, seconds: number, delivered: number): ServerCost {
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    cpuMs,
    cpuShare: cpuMs / (seconds * 1000),
    cpuMsPer1000Delivered: delivered === 0 ? 0 : (cpuMs * 1000) / delivered,
    rssMiB: after.rssMiB,
    peakRssMiB: after.peakRssMiB,
  };
}
