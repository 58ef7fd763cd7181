import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AskedSocket, Passage, PassingOn, SeenClient } from "../ports/elsewhere.ts";
import type { Host, Hosts } from "./hosts.ts";
import type { PeerProof } from "./peer-proof.ts";
import { HostUnreachable, type ProvenConnections } from "./proven-connections.ts";
import { SocketPassage } from "./socket-passage.ts";

/** The process that a path names may be gone, and the next host as well. */
const TRIES = 3;

export interface PassThroughDeps {
  readonly hosts: Hosts;
  readonly proof: PeerProof;
  readonly connections: ProvenConnections;
  /** what this process has seen of a client */
  readonly seen: (request: IncomingMessage) => SeenClient;
  readonly firstByteWithinMs?: number;
  readonly takenWithinMs?: number;
}

/** Passes the bytes of clients' WebSockets on to the processes that host their sessions, and back. */
export class PassThrough implements PassingOn {
  readonly #deps: PassThroughDeps;
  readonly #open = new Map<SocketPassage, string>();
  #isStopped = false;

  constructor(deps: PassThroughDeps) {
    this.#deps = deps;
  }

  /** WebSockets that are passed on now. */
  get size(): number {
    return this.#open.size;
  }

  async find(asked: AskedSocket, request: IncomingMessage): Promise<Passage | "here" | "unavailable"> {
    const { hosts, proof, connections } = this.#deps;
    for (let tries = 1; tries <= TRIES; tries++) {
      if (this.#isStopped) return "unavailable";
      const host = await this.#hostFor(asked);
      if (host === undefined) return "here";
      if (proof.isForwarded(request)) return "unavailable";
      try {
        return this.#passage(await connections.open(host), host, asked.path);
      } catch (error) {
        if (!(error instanceof HostUnreachable)) throw error;
        if (!error.isGone) return "unavailable";
        hosts.refused(host.processId);
      }
    }
    return "unavailable";
  }

  async #hostFor({ processId, sessionId, isReturn, isKnown }: AskedSocket): Promise<Host | undefined> {
    const { hosts } = this.#deps;
    const named = isReturn ? undefined : hosts.process(processId);
    // For somebody without a token it is not to be told, by the time that it takes, what runs where.
    if (named !== undefined || !(await isKnown().catch(() => false))) return named;
    return await (isReturn ? hosts.hostOf(sessionId) : hosts.lookFor(processId));
  }

  /** A process is gone: its clients are told to come back. */
  lost(processId: string): void {
    for (const [passage, to] of this.#open) if (to === processId) passage.hostGone();
  }

  /** Tells everybody to come back, for this process is about to stop. */
  stop(): void {
    this.#isStopped = true;
    for (const passage of this.#open.keys()) passage.close("server_restarting");
  }

  #passage(upstream: Duplex, host: Host, path: string): Passage {
    const { proof, connections, seen, firstByteWithinMs, takenWithinMs } = this.#deps;
    const passage = new SocketPassage({
      upstream,
      host: new URL(host.internalUrl).host,
      path: new URL(host.internalUrl).pathname.replace(/\/$/, "") + path,
      signatureFor: (request) =>
        proof.forwarded(host.processId, connections.aheadMs(upstream), "GET", path, seen(request)),
      onOver: () => this.#open.delete(passage),
      ...(firstByteWithinMs === undefined ? {} : { firstByteWithinMs }),
      ...(takenWithinMs === undefined ? {} : { takenWithinMs }),
    });
    this.#open.set(passage, host.processId);
    return passage;
  }
}
