import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Forwarder } from "../../src/cluster/forward.ts";
import type { Host, Hosts } from "../../src/cluster/hosts.ts";
import { PassThrough } from "../../src/cluster/pass-through.ts";
import { PeerProof } from "../../src/cluster/peer-proof.ts";
import { ProvenAgent } from "../../src/cluster/proven-agent.ts";
import { ProvenConnections } from "../../src/cluster/proven-connections.ts";
import { Proxies } from "../../src/http/proxies.ts";

export const CLUSTER_SECRET = "a secret that the processes of a test share";
const clock = { now: () => Date.now() };

/** Which process hosts what, as a test says it. */
export class ToldHosts implements Hosts {
  /** by session id */
  readonly hosts = new Map<string, Host>();
  readonly refusals: string[] = [];
  /** those that nobody has seen yet, by process id */
  readonly born = new Map<string, Host>();
  lookUps = 0;

  async hostOf(sessionId: string): Promise<Host | undefined> {
    this.lookUps += 1;
    return this.hosts.get(sessionId);
  }

  process(processId: string): Host | undefined {
    return [...this.hosts.values()].find((host) => host.processId === processId);
  }

  async lookFor(processId: string): Promise<Host | undefined> {
    this.lookUps += 1;
    return this.born.get(processId) ?? this.process(processId);
  }

  refused(processId: string): void {
    this.refusals.push(processId);
    for (const [sessionId, host] of this.hosts) if (host.processId === processId) this.hosts.delete(sessionId);
  }
}

/** A server on a free port, ended with the test that began it. */
export class Listener {
  readonly server: Server;
  readonly sockets = new Set<Socket>();
  /** connections there were */
  connections = 0;

  private constructor(server: Server) {
    this.server = server;
    server.on("connection", (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
  }

  static async begin(handler: RequestListener): Promise<Listener> {
    const listener = new Listener(createServer(handler));
    await new Promise<void>((resolve) => listener.server.listen(0, "127.0.0.1", resolve));
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resets what is open, as a process that is killed does. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  end(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** One request as a host got it. */
export interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** what the host makes of its client */
  readonly address: string;
}

/** A process that hosts sessions: proves itself, notes what it gets, and answers as the test says. */
export class HostProcess {
  readonly listener: Listener;
  readonly host: Host;
  readonly proof: PeerProof;
  readonly got: Got[] = [];
  answer: (request: IncomingMessage, response: ServerResponse, got: Got) => void = (_request, response) =>
    void response.end();
  /** whether it says who it is */
  proves = true;

  private constructor(listener: Listener, processId: string, secret: string) {
    this.listener = listener;
    this.host = { processId, internalUrl: listener.url, publicAddress: null };
    this.proof = new PeerProof(secret, processId, listener.url, clock);
  }

  static async begin(processId = "host", secret = CLUSTER_SECRET): Promise<HostProcess> {
    let host: HostProcess | undefined;
    const listener = await Listener.begin((request, response) => host?.take(request, response));
    host = new HostProcess(listener, processId, secret);
    return host;
  }

  get proxies(): Proxies {
    return new Proxies(false, (request) => this.proof.clientOf(request));
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    const challenge = headers["x-process-challenge"];
    if (this.proves && url === "/internal/proof" && typeof challenge === "string") {
      response.setHeader("x-process-proof", this.proof.answerTo(challenge) ?? "");
      response.writeHead(204).end();
      return;
    }
    const address = this.proxies.addressOf(request);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { method, url, headers, address, body: Buffer.concat(chunks).toString() };
      this.got.push(one);
      this.answer(request, response, one);
    });
  }

  end(): void {
    this.listener.end();
  }
}

/** A process that hosts nothing, and asks those that do. */
export class EdgeProcess {
  readonly hosts = new ToldHosts();
  readonly outcomes: string[] = [];
  readonly unproven: string[] = [];
  isKnown = async (): Promise<boolean> => true;
  readonly listener: Listener;
  readonly host: Host;
  readonly proof: PeerProof;
  readonly proxies: Proxies;
  readonly agent: ProvenAgent;
  readonly forwarder: Forwarder;
  readonly passThrough: PassThrough;

  private constructor(listener: Listener, processId: string, times: EdgeTimes) {
    this.listener = listener;
    this.host = { processId, internalUrl: listener.url, publicAddress: null };
    this.proof = new PeerProof(CLUSTER_SECRET, processId, listener.url, clock);
    this.proxies = new Proxies("loopback", (request) => this.proof.clientOf(request));
    const connections = new ProvenConnections({
      proof: this.proof,
      onUnproven: (unproven) => this.unproven.push(unproven),
      ...times,
    });
    const seen = this.proxies.seen.bind(this.proxies);
    const { hosts, proof } = this;
    const onForwarded = (outcome: string): void => void this.outcomes.push(outcome);
    this.agent = new ProvenAgent(connections);
    this.forwarder = new Forwarder({ hosts, proof, connections, agent: this.agent, seen, onForwarded, ...times });
    this.passThrough = new PassThrough({ hosts, proof, connections, seen, ...times });
  }

  /** Every request is about the session `s`; where nobody else hosts it, it is answered with `here`. */
  static async begin(times: EdgeTimes = {}, processId = "edge"): Promise<EdgeProcess> {
    let edge: EdgeProcess | undefined;
    const listener = await Listener.begin((request, response) => edge?.take(request, response));
    edge = new EdgeProcess(listener, processId, times);
    listener.server.on("upgrade", (request, socket, head) => edge?.takeSocket(request, socket, head));
    return edge;
  }

  get url(): string {
    return this.listener.url;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const proof = this.forwarder.proofFor(request);
    if (proof !== undefined) {
      response.setHeader(proof.name, proof.value);
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const body = request.method === "GET" ? undefined : Buffer.concat(chunks);
      const asked = { sessionId: "s", path: request.url ?? "", body };
      const answering = await this.forwarder.answer(asked, request, response);
      if (answering === "here") response.end("here");
      else if (answering === "unavailable") response.writeHead(503).end("unavailable");
    });
  }

  /** As the transport does it. A path with `reconnectionToken` comes back; what is for this process is refused with 404. */
  async takeSocket(request: IncomingMessage, socket: Duplex, bytes: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const path = request.url ?? "";
    const [, processId = "", sessionId = ""] = new URL(path, "ws://a").pathname.split("/");
    const asked = { sessionId, processId, isReturn: path.includes("reconnectionToken"), path, isKnown: this.isKnown };
    const found = await this.passThrough.find(asked, request);
    if (typeof found === "string") {
      socket.end(`HTTP/1.1 ${found === "here" ? 404 : 503} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    } else if (socket.destroyed) {
      found.abandon();
    } else {
      found.start(request, socket, bytes);
    }
  }

  end(): void {
    this.passThrough.stop();
    this.listener.end();
    this.agent.destroy();
  }
}

export interface EdgeTimes {
  readonly connectedWithinMs?: number;
  readonly provenWithinMs?: number;
  readonly firstByteWithinMs?: number;
  readonly takenWithinMs?: number;
}
