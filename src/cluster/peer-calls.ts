import { request as send } from "node:http";
import type { PeerCalls as Calls, SignedRequest } from "../ports/elsewhere.ts";
import type { Host } from "./hosts.ts";
import { ASKING_HEADER, type PeerProof } from "./peer-proof.ts";
import type { ProvenAgent, RequestTo } from "./proven-agent.ts";
import type { ProvenConnections } from "./proven-connections.ts";

const MOST_ANSWER_BYTES = 8 * 1024 * 1024;

export interface PeerCallsDeps {
  readonly proof: PeerProof;
  readonly connections: ProvenConnections;
  readonly agent: ProvenAgent;
  /** the other processes that are there */
  readonly living: () => readonly Host[];
}

/** What the processes ask one another by themselves, on nobody's behalf: JSON there and back, signed with its body. */
export class PeerCalls implements Calls {
  readonly #deps: PeerCallsDeps;

  constructor(deps: PeerCallsDeps) {
    this.#deps = deps;
  }

  isFromPeer(request: SignedRequest, body: Buffer): boolean {
    return this.#deps.proof.isAsking(request, body);
  }

  async askAll(path: string, what: unknown, withinMs: number): Promise<ReadonlyMap<string, unknown>> {
    const hosts = this.#deps.living();
    const answers = await Promise.all(
      hosts.map((host) => this.#ask(host, path, what, withinMs).catch(() => undefined)),
    );
    return new Map(hosts.map(({ processId }, i) => [processId, answers[i]]));
  }

  /** Asks one. @throws where it is not there, or does not answer with 200 and JSON in time */
  async ask(processId: string, path: string, what: unknown, withinMs: number): Promise<unknown> {
    const host = this.#deps.living().find((one) => one.processId === processId);
    if (host === undefined) throw new Error("the process is not there");
    return await this.#ask(host, path, what, withinMs);
  }

  /** @throws where it does not answer, with 200 and JSON, in time */
  #ask(host: Host, path: string, what: unknown, withinMs: number): Promise<unknown> {
    const { proof, connections, agent } = this.#deps;
    const { host: authority, pathname } = new URL(host.internalUrl);
    const body = Buffer.from(JSON.stringify(what));
    return new Promise((resolve, reject) => {
      const asking = send({
        agent,
        to: host,
        method: "POST",
        path: pathname.replace(/\/$/, "") + path,
        headers: { host: authority, "content-type": "application/json", "content-length": body.length },
      } as RequestTo);
      const timer = setTimeout(() => asking.destroy(new Error("no answer in time")), withinMs);
      asking.once("socket", (socket) => {
        asking.setHeader(ASKING_HEADER, proof.asking(host.processId, connections.aheadMs(socket), path, body));
        asking.end(body);
      });
      asking.once("close", () => clearTimeout(timer));
      asking.on("error", reject);
      asking.once("response", (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES) asking.destroy(new Error("too long an answer"));
        });
        answer.on("error", reject);
        answer.once("end", () => {
          try {
            if (answer.statusCode !== 200) throw new Error(`answered with ${answer.statusCode}`);
            resolve(JSON.parse(Buffer.concat(chunks).toString()));
          } catch (error) {
            reject(error);
          }
        });
      });
    });
  }
}
