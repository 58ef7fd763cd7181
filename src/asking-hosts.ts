import type { Cluster } from "./cluster/cluster.ts";
import { Forwarder } from "./cluster/forward.ts";
import type { Host } from "./cluster/hosts.ts";
import { PassThrough } from "./cluster/pass-through.ts";
import { PeerCalls } from "./cluster/peer-calls.ts";
import { PeerProof } from "./cluster/peer-proof.ts";
import { ProvenAgent } from "./cluster/proven-agent.ts";
import { ProvenConnections } from "./cluster/proven-connections.ts";
import type { Arriving, Proxies } from "./http/proxies.ts";
import type { Logger } from "./ops/log.ts";
import type { Metrics } from "./ops/metrics.ts";
import type { Clock } from "./ports/clock.ts";

/** How this process asks others, and passes sockets on to them. */
export interface AskingHosts {
  readonly forwarding: Forwarder;
  readonly peers: PeerCalls;
  readonly passThrough: PassThrough;
  /** Ends what is under way between processes. */
  stop(): void;
}

export interface AskingHostsParts {
  readonly cluster: Pick<Cluster, "hosts" | "processes">;
  /** of all processes of this store */
  readonly secret: string;
  /** of this life of this process */
  readonly processId: string;
  /** at which the others reach it */
  readonly internalUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly proxies: () => Proxies;
  readonly metrics: Pick<Metrics, "asksOthers">;
}

/** How this process asks the others. */
export function askingHosts(parts: AskingHostsParts): AskingHosts {
  const { cluster, secret, processId, internalUrl, clock, log, proxies, metrics } = parts;
  const { hosts, processes } = cluster;
  const proof = new PeerProof(secret, processId, internalUrl, clock);
  const connections = new ProvenConnections({
    proof,
    onUnproven: (process) => log.warn({ process }, "who answers at another process' address is none of ours"),
    onReplaced: (process, by) => log.info({ process, by }, "another process answers at a process' address"),
  });
  const agent = new ProvenAgent(connections);
  const deps = { hosts, proof, connections, agent, seen: (request: Arriving) => proxies().seen(request) };
  const passThrough = new PassThrough(deps);
  const living = (): Host[] => processes.living.flatMap(({ processId: id }) => hosts.process(id) ?? []);
  processes.listen({
    died: ({ processId: died }) => {
      agent.drop(died);
      passThrough.lost(died);
    },
  });
  const onForwarded = metrics.asksOthers(() => passThrough.size);
  return {
    forwarding: new Forwarder({ ...deps, onForwarded }),
    peers: new PeerCalls({ proof, connections, agent, living }),
    passThrough,
    stop: () => agent.destroy(),
  };
}
