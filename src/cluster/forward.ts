import { type ClientRequest, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { pipeline } from "node:stream";
import type { Answering, AskedOfSession, Forwarding, SeenClient, SignedRequest } from "../ports/elsewhere.ts";
import type { Host, Hosts } from "./hosts.ts";
import { passedToClient, passedToHost } from "./passed-headers.ts";
import { CHALLENGE_HEADER, FORWARDED_HEADER, type PeerProof, PROOF_HEADER, PROOF_PATH } from "./peer-proof.ts";
import type { ProvenAgent, RequestTo } from "./proven-agent.ts";
import { HostUnreachable, type ProvenConnections } from "./proven-connections.ts";

/** A host begins its answer within this, beyond what it is asked to wait. What follows may take as long as it takes. */
const FIRST_BYTE_WITHIN_MS = 10_000;
/** A host may die under a request, the next try finds nobody listening, and the one after that a new host. */
const TRIES = 3;
/** What may be done twice is asked again where a connection broke before the answer began. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

export interface ForwarderDeps {
  readonly hosts: Hosts;
  readonly proof: PeerProof;
  readonly connections: ProvenConnections;
  readonly agent: ProvenAgent;
  /** what this process has seen of a client */
  readonly seen: (request: IncomingMessage) => SeenClient;
  /** a request went to another process: told once, when it is known how that went */
  readonly onForwarded?: (outcome: "answered" | "unavailable") => void;
  readonly firstByteWithinMs?: number;
}

/** How asking one host went. `gone`: the request may be sent once more, to whoever is the host then. */
type Outcome = "answered" | "gone" | "unavailable";

/** Sends requests about sessions to the processes that host them, and their answers back, byte by byte. */
export class Forwarder implements Forwarding {
  readonly #deps: ForwarderDeps;

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  clientOf(request: SignedRequest): SeenClient | undefined {
    return this.#deps.proof.clientOf(request);
  }

  proofFor({ method, url, headers }: SignedRequest): { readonly name: string; readonly value: string } | undefined {
    const challenge = headers[CHALLENGE_HEADER];
    if (method !== "POST" || url !== PROOF_PATH || typeof challenge !== "string") return undefined;
    const value = this.#deps.proof.answerTo(challenge);
    return value === undefined ? undefined : { name: PROOF_HEADER, value };
  }

  async answer(asked: AskedOfSession, request: IncomingMessage, response: ServerResponse): Promise<Answering> {
    const { hosts, proof, onForwarded } = this.#deps;
    for (let tries = 1; ; tries++) {
      const known = tries === 1 && asked.hostedBy !== undefined ? hosts.process(asked.hostedBy) : undefined;
      const host = known ?? (await hosts.hostOf(asked.sessionId));
      if (host === undefined) return "here";
      // One hop only: two that take each other for the host would go on for ever.
      if (proof.isForwarded(request)) return "unavailable";
      if (response.destroyed) return "answered";
      const outcome = await this.#ask(host, asked, request, response);
      if (outcome === "gone" && tries < TRIES) continue;
      const answering = outcome === "answered" ? outcome : "unavailable";
      onForwarded?.(answering);
      return answering;
    }
  }

  #ask(
    host: Host,
    { path, body, heldMs = 0 }: AskedOfSession,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Outcome> {
    const { hosts, proof, connections, agent, seen, firstByteWithinMs = FIRST_BYTE_WITHIN_MS } = this.#deps;
    const { method = "GET" } = request;
    const asking = send({
      agent,
      to: host,
      method,
      path: new URL(host.internalUrl).pathname.replace(/\/$/, "") + path,
      headers: {
        ...passedToHost(request.headers),
        host: new URL(host.internalUrl).host,
        ...(body === undefined ? {} : { "content-length": body.length }),
      },
    } as RequestTo);
    // Not before there is a connection: the signature goes by the clock at its other end.
    asking.once("socket", (socket) => {
      const aheadMs = connections.aheadMs(socket);
      asking.setHeader(FORWARDED_HEADER, proof.forwarded(host.processId, aheadMs, method, path, seen(request)));
      asking.end(body);
    });
    const timer = setTimeout(() => asking.destroy(new HostUnreachable("silent")), firstByteWithinMs + heldMs);
    const giveUp = (): void => void asking.destroy();
    response.once("close", giveUp);
    return new Promise<Outcome>((resolve) => {
      asking.once("response", (answer) => {
        clearTimeout(timer);
        response.off("close", giveUp);
        passBack(answer, response);
        resolve("answered");
      });
      asking.on("error", (error) => {
        clearTimeout(timer);
        response.off("close", giveUp);
        if (response.destroyed) return resolve("answered");
        const outcome = outcomeOf(error, asking);
        if (error instanceof HostUnreachable && error.isGone) hosts.refused(host.processId);
        resolve(outcome);
      });
    });
  }
}

function outcomeOf(error: Error, { method }: ClientRequest): Outcome {
  if (error instanceof HostUnreachable) return error.isGone ? "gone" : "unavailable";
  return REPEATABLE.has(method) ? "gone" : "unavailable";
}

/** Everything as it comes, and no faster than it is taken; an answer that is cut off is cut off for the client, too. */
function passBack(answer: IncomingMessage, response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedToClient(answer.rawHeaders));
  if (answer.headers["content-length"] === undefined) response.flushHeaders();
  pipeline(answer, response, () => undefined);
}
