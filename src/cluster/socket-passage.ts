import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Passage } from "../ports/elsewhere.ts";
import { FORWARDED_HEADER } from "./peer-proof.ts";
import { closeFrame, ServerFrames } from "./server-frames.ts";

/** A host answers the request for a WebSocket within this. */
const FIRST_BYTE_WITHIN_MS = 10_000;
/** Who has been told that it is over closes within this. */
const CLOSED_WITHIN_MS = 5_000;
/** Who takes nothing for so long is cut off; the host has given them up before, which cannot be seen behind what they do not take. */
const TAKEN_WITHIN_MS = 30_000;
const MOST_HEAD_BYTES = 16_384;
/** What of a client's request says which WebSocket it wants, and which page wants it. */
const ASKED = ["origin", "user-agent", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"] as const;
/** The SDK's "may come back": contract, section 3. */
const COME_BACK = 4010;

export interface SocketPassageDeps {
  /** a connection to the host, which has proved itself */
  readonly upstream: Duplex;
  /** the host's name and port */
  readonly host: string;
  readonly path: string;
  /** what tells the host whose WebSocket it is */
  readonly signatureFor: (request: IncomingMessage) => string;
  /** called once, when nothing is open any more on the host's side */
  readonly onOver: () => void;
  readonly firstByteWithinMs?: number;
  readonly takenWithinMs?: number;
}

/**
 * One WebSocket of a client, as bytes between the client and the host. Nothing is read faster than it is written, so that
 * a slow reader is the host's to judge; pings, close codes and silence are between the two ends. What the host does not
 * say any more, that it is gone, is said here.
 */
export class SocketPassage implements Passage {
  readonly #deps: SocketPassageDeps;
  readonly #frames = new ServerFrames();
  #client: Duplex | undefined;
  /** of the head of the host's answer, until it is whole: nothing is passed on before */
  #head = Buffer.alloc(0);
  #answered: "not yet" | "with a WebSocket" | "with a refusal" = "not yet";
  #isOver = false;
  /** while the client takes nothing, or the host says nothing: what comes then */
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SocketPassageDeps) {
    this.#deps = deps;
    deps.upstream.once("close", () => this.hostGone());
    deps.upstream.on("error", () => deps.upstream.destroy());
  }

  start(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const { upstream, firstByteWithinMs = FIRST_BYTE_WITHIN_MS } = this.#deps;
    this.#client = client;
    client.on("error", () => client.destroy());
    client.once("close", () => upstream.destroy());
    if (this.#isOver || client.destroyed) {
      this.#refuse();
      upstream.destroy();
      return;
    }
    this.#timer = setTimeout(() => this.hostGone(), firstByteWithinMs);
    upstream.on("data", (bytes: Buffer) => this.#fromHost(bytes));
    upstream.once("end", () => this.hostGone());
    pass(client, upstream);
    upstream.write(this.#requestFor(request), "latin1");
    if (head.length > 0) upstream.write(head);
    client.on("drain", () => {
      clearTimeout(this.#timer);
      upstream.resume();
    });
  }

  abandon(): void {
    this.#over();
  }

  /** The host says nothing any more: its client is told to come back, unless the host has said more itself. */
  hostGone(): void {
    this.close("host_moved");
  }

  /** Tells the client to come back. In the middle of a frame nobody can be told: the line just ends. */
  close(reason: "host_moved" | "server_restarting"): void {
    if (this.#isOver) return;
    this.#over();
    const client = this.#client;
    if (client === undefined || client.destroyed) return;
    if (this.#answered === "not yet") this.#refuse();
    else if (this.#answered === "with a WebSocket" && this.#frames.mayAdd) client.end(closeFrame(COME_BACK, reason));
    else client.end();
    // What the client still says is for nobody; that it closes as well has to be seen.
    client.resume();
    const timer = setTimeout(() => client.destroy(), CLOSED_WITHIN_MS).unref();
    client.once("end", () => client.destroy()).once("close", () => clearTimeout(timer));
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#deps.upstream.destroy();
    this.#deps.onOver();
  }

  #fromHost(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#answered === "not yet") this.#lookAtAnswer(bytes);
    else this.#toClient(bytes);
  }

  #lookAtAnswer(bytes: Buffer): void {
    const answer = Buffer.concat([this.#head, bytes]);
    const end = answer.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#head = answer;
      if (answer.length > MOST_HEAD_BYTES) this.hostGone();
      return;
    }
    clearTimeout(this.#timer);
    const isWebSocket = answer.subarray(0, end).toString("latin1").startsWith("HTTP/1.1 101 ");
    this.#answered = isWebSocket ? "with a WebSocket" : "with a refusal";
    this.#head = Buffer.alloc(0);
    this.#client!.write(answer.subarray(0, end + 4));
    if (answer.length > end + 4) this.#toClient(answer.subarray(end + 4));
  }

  #toClient(bytes: Buffer): void {
    const client = this.#client!;
    if (this.#answered === "with a WebSocket") this.#frames.take(bytes);
    if (client.write(bytes)) return;
    this.#deps.upstream.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => client.destroy(), this.#deps.takenWithinMs ?? TAKEN_WITHIN_MS);
  }

  #refuse(): void {
    this.#client?.end(`HTTP/1.1 503 ${STATUS_CODES[503]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #requestFor(request: IncomingMessage): string {
    const { host, path, signatureFor } = this.#deps;
    const asked = ASKED.flatMap((name) => {
      const value = request.headers[name];
      return value === undefined ? [] : [`${name}: ${String(value)}`];
    });
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      ...asked,
      `${FORWARDED_HEADER}: ${signatureFor(request)}`,
    ];
    return `${lines.join("\r\n")}\r\n\r\n`;
  }
}

/** Bytes from one to the other, no faster than they are taken. */
function pass(from: Duplex, to: Duplex): void {
  from.on("data", (bytes: Buffer) => {
    if (!to.destroyed && !to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.once("end", () => to.end());
}
