import { Counter, Histogram, type Registry } from "prom-client";
import type { ClusterEvents } from "../cluster/cluster.ts";
import { readGauges } from "./read-gauge.ts";

/** From a hundredth of a second to the 10 s after which something is wrong, in seconds. */
const TAKEOVERS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10];

/** What figures are taken of when somebody asks for them. */
export interface ObservedCluster {
  /** other processes that are there */
  living(): number;
  /** whether Redis could be reached when it was used last */
  redisIsThere(): boolean;
  /** whether this process takes no more sessions */
  isDraining(): boolean;
}

/** What happens between the processes, as figures of this one. */
export function clusterMetrics(registry: Registry, prefix: string, observed: ObservedCluster): ClusterEvents {
  const gauge = readGauges(registry, prefix);
  const counter = (name: string, help: string) =>
    new Counter({ name: `${prefix}${name}_total`, help, registers: [registry] });
  gauge("processes", "Processes that are there, this one included", () => 1 + observed.living());
  gauge("redis_up", "1 where Redis can be reached, else 0", () => (observed.redisIsThere() ? 1 : 0));
  gauge("draining", "1 while this process hands its sessions over and stops, else 0", () =>
    observed.isDraining() ? 1 : 0,
  );
  const deaths = counter("process_deaths", "Other processes that this one took for dead, or that stopped");
  const taken = counter("sessions_taken_over", "Sessions of dead processes that were opened here");
  const lost = counter("sessions_lost", "Sessions that others opened while they ran here");
  const handedOver = counter(
    "sessions_handed_over",
    "Sessions that another process went on with while this one drained",
  );
  const saved = counter(
    "sessions_saved",
    "Sessions that were saved while this one drained, for whoever opens them next",
  );
  const failures = counter(
    "cluster_failures",
    "Looks, takeovers, handovers and messages between processes that failed and were tried again",
  );
  const lasted = new Histogram({
    name: `${prefix}takeover_seconds`,
    help: "From the death of a process, as known here, until its sessions of this process' share were open",
    buckets: TAKEOVERS_S,
    registers: [registry],
  });
  const still = new Histogram({
    name: `${prefix}handover_seconds`,
    help: "For how long a session could decide nothing while it was handed over",
    buckets: TAKEOVERS_S,
    registers: [registry],
  });
  return {
    lives: () => undefined,
    died: () => deaths.inc(),
    takenOver: (_from, sessions, milliseconds) => {
      taken.inc(sessions);
      lasted.observe(milliseconds / 1_000);
    },
    lost: () => lost.inc(),
    handedOver: (_session, _to, milliseconds) => {
      handedOver.inc();
      still.observe(milliseconds / 1_000);
    },
    saved: () => saved.inc(),
    failed: () => failures.inc(),
  };
}
