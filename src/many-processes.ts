import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { type AskingHosts, askingHosts } from "./asking-hosts.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Opening } from "./cluster/dead-hosts.ts";
import type { ListedRooms } from "./cluster/listed-rooms.ts";
import { type MemberChanged, Messages } from "./cluster/messages.ts";
import { RedisLink } from "./cluster/redis-link.ts";
import type { Config } from "./config.ts";
import type { HttpParts } from "./http/deps.ts";
import { HANDOVER_PATH, MESSAGES_PATH } from "./http/other-rooms.ts";
import type { Proxies } from "./http/proxies.ts";
import { type Hosting, type HostingDeps, NoSuchSession } from "./live/hosting.ts";
import { HostedElsewhere, type WatchedProcesses } from "./live/other-processes.ts";
import { clusterLog } from "./ops/cluster-log.ts";
import { faultOf, type Logger } from "./ops/log.ts";
import type { Metrics } from "./ops/metrics.ts";
import type { Clock } from "./ports/clock.ts";
import { StoredDataDamaged } from "./ports/failures.ts";
import type { Stores } from "./ports/stores.ts";

const SECRET_BYTES = 32;
/** Nobody waits longer for a process that does not say that it took a message. */
const TAKEN_WITHIN_MS = 2_000;

const Ms = z.number().min(0);
/** What a process that drains says of a session: `Handover`, and which. */
const HandedOver = z.object({
  sessionId: z.string(),
  from: z.string(),
  people: z.record(
    z.string(),
    z.object({
      presence: z.enum(["online", "idle", "disconnected"]),
      quietMs: Ms,
      lastSeenAt: Ms,
      droppedAt: Ms,
      reconnects: z.int().min(0),
      windowLeftMs: Ms,
    }),
  ),
  autoPauseInMs: Ms.nullable(),
});

export interface ClusterParts {
  readonly stores: Pick<Stores, "leases" | "campaigns">;
  readonly clock: Clock;
  readonly processId: string;
  readonly hosting: () => Hosting;
  readonly isDraining: () => boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Colyseus' driver, in place of its own: it lists this process' rooms in Redis from now on */
  readonly driver: ListedRooms;
  readonly proxies: () => Proxies;
}

/** What this process has of the others. */
export interface ManyProcesses {
  readonly cluster: Cluster;
  readonly messages: Messages;
  readonly redis: RedisLink;
  readonly asking: AskingHosts;
  /** what hosting, and what looks after sessions that nobody has open, know of the others */
  readonly forHosting: Required<Pick<HostingDeps, "onBeat" | "tellOthers">> & { readonly others: WatchedProcesses };
  readonly forHttp: Required<Pick<HttpParts, "redis" | "takeMessage" | "receiveSession">>;
}

/**
 * This process among others; undefined where it serves alone. Nothing is connected to that is not there: Redis may be away.
 * @throws StoreUnavailable
 */
export async function manyProcesses(
  { redisUrl, internalUrl }: Pick<Config, "redisUrl" | "internalUrl">,
  { stores, hosting, log, metrics, driver, proxies, ...parts }: ClusterParts,
): Promise<ManyProcesses | undefined> {
  if (redisUrl === null || internalUrl === null) return undefined;
  const { clock, processId } = parts;
  const { leases, campaigns } = stores;
  const secret = await leases.clusterSecret(randomBytes(SECRET_BYTES).toString("base64url"));
  const redis = new RedisLink({
    ...{ url: redisUrl, processId, clock, prefix: redisPrefix(secret) },
    onChanged: (isThere) => (isThere ? log.info("Redis is there") : log.warn("Redis is away")),
  });
  driver.listIn(redis, clock);
  const figures = metrics.cluster({
    living: () => cluster.processes.living.length,
    redisIsThere: () => redis.isConnected,
    isDraining: parts.isDraining,
  });
  const cluster: Cluster = new Cluster({
    ...{ ...parts, leases, internalUrl },
    sessions: () => hosting().sessions,
    isHere: (sessionId) => hosting().isHere(sessionId),
    open: (sessionId) => opening(hosting().open(sessionId)),
    announceDrain: () => hosting().drains(),
    nothingOpens: () => hosting().nothingOpens(),
    askToGoOn: async (other, sessionId, handover, withinMs) => {
      const asked = { ...handover, sessionId, from: processId };
      const said = (await asking.peers.ask(other, HANDOVER_PATH, asked, withinMs)) as { outcome?: unknown };
      // Whoever else hosts it was quicker than the one that was asked.
      if (said.outcome !== "opened" && said.outcome !== "elsewhere") throw new Error("the process did not take it");
    },
    events: [clusterLog(log), figures],
  });
  // What it listed has a time to live; nobody has to see it until then.
  cluster.processes.listen({ died: (dead) => void redis.forget(dead.processId) });
  const asking = askingHosts({ ...{ cluster, secret, processId, internalUrl, clock, log, proxies, metrics } });
  const messages = new Messages({
    ...{ redis, clock, processId, secret, processes: cluster.processes },
    post: async (other, message) => {
      const said = await asking.peers.ask(other, MESSAGES_PATH, message, TAKEN_WITHIN_MS);
      if ((said as { taken?: unknown }).taken !== true) throw new Error("the process did not take it");
    },
    take: async ({ campaignId, userId, by }: MemberChanged) => {
      const campaign = await campaigns.find(campaignId);
      if (campaign !== undefined) await hosting().memberChangedElsewhere(campaign, userId, by);
    },
    onFailed: (error, other) => log.warn({ process: other, ...faultOf(error) }, "not told, to be tried again"),
  });
  return {
    ...{ cluster, messages, redis, asking },
    forHosting: {
      others: cluster.processes,
      onBeat: (wasTakenForDead) => {
        cluster.beaten(wasTakenForDead);
        if (wasTakenForDead) driver.listAgain();
      },
      tellOthers: (change) => messages.tellAll(change),
    },
    forHttp: {
      redis: () => redis.isThere(),
      takeMessage: (message) => messages.received(message),
      receiveSession: async (told) => {
        const { sessionId, ...handover } = HandedOver.parse(told);
        return await opening(hosting().receive(sessionId, handover));
      },
    },
  };
}

/** Of every key and channel: two databases never meet on one Redis. */
export function redisPrefix(secret: string): string {
  return `campaign-live:${createHash("sha256").update(`prefix ${secret}`).digest("hex").slice(0, 12)}:`;
}

/** What became of a session that is opened for another process. @throws where it may be tried again */
async function opening(session: Promise<unknown>): Promise<Opening> {
  try {
    await session;
    return "opened";
  } catch (error) {
    if (error instanceof HostedElsewhere) return "elsewhere";
    if (error instanceof NoSuchSession || error instanceof StoredDataDamaged) return "impossible";
    throw error;
  }
}
