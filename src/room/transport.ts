import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { createAuthContext, getMessageBytes, Protocol } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { WebSocket } from "ws";
import { CloseCode, TOO_SLOW } from "./close-codes.ts";
import { JOIN_CODES } from "./door.ts";
import { holdFor, isHeld } from "./held-sockets.ts";
import { Line, SILENT_AFTER_MS, type Traffic } from "./line.ts";
import type { UpgradeVerdict } from "./upgrade-check.ts";

/** A frame of a client; the contract's largest. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Heartbeats and looks at each socket: three of them are over 6 s, so silence is noticed after 6.3 to 8.4 s. */
const LOOK_EVERY_MS = 2_100;
/** Between two looks, a socket's backlog is looked at each time that so much was sent to it. */
const LOOK_EVERY_BYTES = 256 * 1024;
/** Pongs that nobody asked for are no sign of more than life: who floods with them is read that much later. */
const UNASKED_PONG_MS = 20;
interface Watched {
  readonly line: Line;
  /** the oldest heartbeat that was not answered: when it was sent, 0 for none, and behind how many bytes */
  pingedAt: number;
  pingedBehind: number;
  /** of a socket that is being closed: what waits, and since when it has not become less */
  closing: { unsentBytes: number; since: number } | undefined;
  onLatency: ((latencyMs: number) => void) | undefined;
}

const watched = new WeakMap<object, Watched>();

/** Tells of the round trip to a socket's client, in ms, whenever a heartbeat is answered. */
export function onLatency(socket: object, tell: (latencyMs: number) => void): void {
  watch(socket as WebSocket).onLatency = tell;
}

/** Whether a socket gave no sign of life for 6 s. */
export function isSilent(socket: object): boolean {
  if (isHeld(socket)) return false;
  return watched.get(socket)?.line.isSilent(performance.now(), trafficOf(socket as WebSocket)) ?? false;
}

/** Whether a socket is being closed for its backlog. */
export function isTooSlow(socket: object): boolean {
  return watched.get(socket)?.closing !== undefined;
}

/** The first full state has just been handed to a socket: however long it takes, it is no backlog. */
export function firstStateSent(socket: object): void {
  watch(socket as WebSocket).line.firstStateSent(trafficOf(socket as WebSocket));
}

/**
 * The framework's WebSocket transport, with what it lacks: an upgrade with a path or a host that is none does not end
 * the process, its client's address is not what a header claims, silence counts against what was sent, and a reader that
 * falls behind is told so before memory is.
 */
export class GuardedTransport extends WebSocketTransport {
  #bytesOfClosed = 0;
  readonly #check: (request: IncomingMessage, url: URL) => Promise<UpgradeVerdict>;
  readonly #onRefused: (status: number) => void;

  /**
   * @param check what becomes of each upgrade
   * @param onRefused told of the HTTP status of each that did not become a WebSocket
   */
  constructor(
    server: Server,
    check: (request: IncomingMessage, url: URL) => Promise<UpgradeVerdict>,
    onRefused: (status: number) => void,
  ) {
    super({
      server,
      maxPayload: MAX_FRAME_BYTES,
      pingInterval: LOOK_EVERY_MS,
      pingMaxRetries: 1,
    });
    this.#check = check;
    this.#onRefused = onRefused;
    this.wss.on("connection", (socket) => {
      const tcp = tcpOf(socket as WebSocket);
      lookWhenMuchIsSent(socket as WebSocket);
      socket.once("close", () => {
        this.#bytesOfClosed += tcp?.bytesWritten ?? 0;
      });
    });
  }

  /** Over all sockets there were, those that are gone included. Counted when it is asked for. */
  get bytesSent(): number {
    let bytes = this.#bytesOfClosed;
    for (const socket of this.wss.clients) bytes += tcpOf(socket as WebSocket)?.bytesWritten ?? 0;
    return bytes;
  }

  /** In place of the framework's, which has no way to refuse a socket with a close code, or to seat it elsewhere. */
  protected override listenForUpgrade(server: Server): void {
    server.on("upgrade", (request, socket, head) => {
      // Nobody else listens: what a client does with its end of the line is not to be an uncaught exception.
      const destroy = () => socket.destroy();
      socket.on("error", destroy);
      const refuse = (status: number): void => {
        socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        this.#onRefused(status);
      };
      const address = `ws://server${request.url ?? "/"}`;
      if (!URL.canParse(address)) {
        refuse(400);
        return;
      }
      this.#check(request, new URL(address)).then((verdict) => {
        if (socket.destroyed) return;
        if ("refused" in verdict) {
          refuse(verdict.refused);
          return;
        }
        socket.off("error", destroy);
        this.wss.handleUpgrade(request, socket, head, (opened) => this.#opened(opened, request, verdict));
      }, destroy);
    });
  }

  #opened(socket: WebSocket, request: IncomingMessage, verdict: Exclude<UpgradeVerdict, { refused: unknown }>): void {
    if ("url" in verdict) {
      const context = createAuthContext({ headers: {}, token: null });
      this.wss.emit("connection", socket, request, { url: verdict.url, context });
      return;
    }
    const { code, reason } = verdict.closed;
    socket.on("error", () => undefined);
    if (code === CloseCode.reconnectionFailed) socket.send(getMessageBytes[Protocol.ERROR](JOIN_CODES.expired, reason));
    socket.close(code, reason);
  }

  protected override autoTerminateUnresponsiveClients(intervalMs: number): void {
    const lookAtAll = (): void => {
      const now = performance.now();
      for (const socket of this.wss.clients) look(socket as WebSocket, now);
    };
    // After a standstill of this process timers come first: what came in meanwhile is to be read before anybody is judged.
    this.pingInterval = setInterval(() => setImmediate(lookAtAll), intervalMs);
    this.pingInterval.unref();
  }
}

function look(socket: WebSocket, now: number): void {
  const one = watch(socket);
  const traffic = trafficOf(socket);
  if (isHeld(socket)) one.line.notRead(now);
  const verdict = one.line.look(now, traffic);
  if (verdict === "silent") {
    socket.terminate();
  } else if (socket.readyState !== socket.OPEN) {
    // The close frame is behind the backlog: who reads on gets it in the end, who takes nothing, or does not answer it and
    // goes on sending, is not waited for.
    one.closing ??= { unsentBytes: traffic.unsentBytes, since: now };
    if (traffic.unsentBytes < one.closing.unsentBytes) one.closing = { unsentBytes: traffic.unsentBytes, since: now };
    else if (now - one.closing.since >= SILENT_AFTER_MS) socket.terminate();
  } else if (verdict === "too_slow") {
    closeForBacklog(socket, one, now, traffic);
  } else {
    if (one.pingedAt === 0) {
      one.pingedAt = now;
      one.pingedBehind = traffic.bytesWritten;
    }
    socket.ping();
  }
}

function closeForBacklog(socket: WebSocket, one: Watched, now: number, { unsentBytes }: Traffic): void {
  one.closing = { unsentBytes, since: now };
  socket.close(TOO_SLOW.code, TOO_SLOW.reason);
}

/** Much can be sent between two looks: then the backlog is looked at, and nothing is done for each message. */
function lookWhenMuchIsSent(socket: WebSocket): void {
  const send = socket.send.bind(socket) as (data: Buffer, ...rest: unknown[]) => void;
  let sentBytes = 0;
  const counted = (data: Buffer, ...rest: unknown[]): void => {
    send(data, ...rest);
    sentBytes += data.length;
    if (sentBytes < LOOK_EVERY_BYTES) return;
    sentBytes = 0;
    if (socket.readyState !== socket.OPEN) return;
    const now = performance.now();
    const one = watch(socket);
    const traffic = trafficOf(socket);
    if (one.line.isTooSlow(now, traffic)) closeForBacklog(socket, one, now, traffic);
  };
  (socket as { send: unknown }).send = counted;
}

function watch(socket: WebSocket): Watched {
  let one = watched.get(socket);
  if (one === undefined) {
    const fresh: Watched = {
      line: new Line(performance.now(), trafficOf(socket)),
      pingedAt: 0,
      pingedBehind: 0,
      closing: undefined,
      onLatency: undefined,
    };
    watched.set(socket, fresh);
    socket.on("pong", () => {
      if (fresh.pingedAt === 0) {
        holdFor(socket, UNASKED_PONG_MS);
        return;
      }
      fresh.line.arrived(fresh.pingedBehind);
      fresh.onLatency?.(performance.now() - fresh.pingedAt);
      fresh.pingedAt = 0;
    });
    one = fresh;
  }
  return one;
}

function tcpOf(socket: WebSocket): Socket | null {
  return (socket as unknown as { readonly _socket: Socket | null })._socket;
}

function trafficOf(socket: WebSocket): Traffic {
  const tcp = tcpOf(socket);
  return {
    bytesRead: tcp?.bytesRead ?? 0,
    bytesWritten: tcp?.bytesWritten ?? 0,
    unsentBytes: socket.bufferedAmount,
  };
}
