import { Forwarder } from "../../src/cluster/forward.ts";
import type { Host } from "../../src/cluster/hosts.ts";
import { PeerCalls } from "../../src/cluster/peer-calls.ts";
import { PeerProof } from "../../src/cluster/peer-proof.ts";
import { ProvenAgent } from "../../src/cluster/proven-agent.ts";
import { ProvenConnections } from "../../src/cluster/proven-connections.ts";
import type { HttpParts } from "../../src/http/deps.ts";
import { Proxies } from "../../src/http/proxies.ts";
import { CLUSTER_SECRET, ToldHosts } from "../support/peers.ts";
import { Evening } from "./evening.ts";

/** Two processes with the same stores. */
export interface Two {
  /** hosts every session there is, or opens it */
  readonly host: Evening;
  /** hosts nothing: what it is asked about a session, the host answers */
  readonly edge: Evening;
  readonly hosts: ToldHosts;
  /** how requests that were sent on went */
  readonly outcomes: string[];
  end(): void;
}

/** @param env of both @param more of the host */
export async function twoProcesses(env: Record<string, string> = {}, more: Partial<HttpParts> = {}): Promise<Two> {
  const outcomes: string[] = [];
  const hosts = new ToldHosts();
  // Where a process is reached is known once it listens.
  const [ofHost, ofEdge] = [late(), late()];
  const host = await Evening.begin(env, { ...ofHost.parts, ...more });
  const { stores, identity } = host;
  const edge = await Evening.begin({ ...env, TRUST_PROXY: "loopback" }, { ...ofEdge.parts, identity }, host);
  // As the processes tell each other of members.
  const tellOwn = edge.hosting.memberChanged.bind(edge.hosting);
  edge.hosting.memberChanged = async (...change) => {
    await Promise.all([tellOwn(...change), host.hosting.memberChanged(...change)]);
  };
  const there = { processId: "p1", internalUrl: host.url, publicAddress: null };
  hosts.hostOf = async (sessionId) => ((await stores.sessions.find(sessionId)) === undefined ? undefined : there);
  hosts.process = (processId) => (processId === "p1" ? there : undefined);
  ofHost.set(asking(host, "p1", new ToldHosts(), [], false, outcomes));
  ofEdge.set(asking(edge, "p2", hosts, [there], "loopback", outcomes));
  const end = (): void => {
    edge.end();
    host.end();
  };
  return { host, edge, hosts, outcomes, end };
}

type Asking = Required<Pick<HttpParts, "forwarding" | "peers">>;

function asking(
  { url, clock }: Evening,
  processId: string,
  hosts: ToldHosts,
  living: readonly Host[],
  trust: false | "loopback",
  outcomes: string[],
): Asking {
  const proof = new PeerProof(CLUSTER_SECRET, processId, url, clock);
  const connections = new ProvenConnections({ proof });
  const agent = new ProvenAgent(connections);
  const proxies = new Proxies(trust, (request) => proof.clientOf(request));
  const seen = proxies.seen.bind(proxies);
  const onForwarded = (outcome: string): void => void outcomes.push(outcome);
  return {
    forwarding: new Forwarder({ hosts, proof, connections, agent, seen, onForwarded }),
    peers: new PeerCalls({ proof, connections, agent, living: () => living }),
  };
}

function late(): { readonly parts: Asking; set(asking: Asking): void } {
  let now: Asking | undefined;
  const there = (): Asking => {
    if (now === undefined) throw new Error("it does not listen yet");
    return now;
  };
  return {
    parts: {
      forwarding: {
        clientOf: (request) => there().forwarding.clientOf(request),
        proofFor: (request) => there().forwarding.proofFor(request),
        answer: (asked, request, response) => there().forwarding.answer(asked, request, response),
      },
      peers: {
        askAll: (path, what, withinMs) => there().peers.askAll(path, what, withinMs),
        isFromPeer: (request, body) => there().peers.isFromPeer(request, body),
      },
    },
    set: (asking) => {
      now = asking;
    },
  };
}
