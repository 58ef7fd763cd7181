import { Cluster } from "./cluster/cluster.ts";
import type { Opening } from "./cluster/dead-hosts.ts";
import type { Config } from "./config.ts";
import { type Hosting, NoSuchSession } from "./live/hosting.ts";
import { HostedElsewhere } from "./live/other-processes.ts";
import { clusterLog } from "./ops/cluster-log.ts";
import type { Logger } from "./ops/log.ts";
import type { Clock } from "./ports/clock.ts";
import { StoredDataDamaged } from "./ports/failures.ts";
import type { Leases } from "./ports/leases.ts";

export interface ClusterParts {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly processId: string;
  readonly hosting: () => Hosting;
  readonly isDraining: () => boolean;
  readonly log: Logger;
}

/** This process among others; undefined where it serves alone. */
export function clusterOf(
  { redisUrl, internalUrl }: Pick<Config, "redisUrl" | "internalUrl">,
  { hosting, log, ...parts }: ClusterParts,
): Cluster | undefined {
  if (redisUrl === null || internalUrl === null) return undefined;
  return new Cluster({
    ...parts,
    internalUrl,
    sessions: () => hosting().sessions,
    isHere: (sessionId) => hosting().isHere(sessionId),
    open: (sessionId) => openForDead(sessionId, hosting()),
    events: clusterLog(log),
  });
}

/** @throws where it may be tried again */
async function openForDead(sessionId: string, hosting: Hosting): Promise<Opening> {
  try {
    await hosting.open(sessionId);
    return "opened";
  } catch (error) {
    if (error instanceof HostedElsewhere) return "elsewhere";
    if (error instanceof NoSuchSession || error instanceof StoredDataDamaged) return "impossible";
    throw error;
  }
}
