import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import { createAuthContext, getMessageBytes, Protocol } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { WebSocket } from "ws";
import { CloseCode } from "./close-codes.ts";
import { JOIN_CODES } from "./door.ts";
import { isPassedOn } from "./passed-on.ts";
import { look, lookWhenMuchIsSent, tcpOf } from "./socket-watch.ts";
import type { UpgradeVerdict } from "./upgrade-check.ts";

/** A frame of a client; the contract's largest. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Heartbeats and looks at each socket: three of them are over 6 s, so silence is noticed after 6.3 to 8.4 s. */
const LOOK_EVERY_MS = 2_100;

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

  /** WebSockets that are open now. */
  get connections(): number {
    return this.wss.clients.size;
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
        if ("passedOn" in verdict) {
          if (socket.destroyed) verdict.passedOn.abandon();
          else verdict.passedOn.start(request, socket, head);
          return;
        }
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

  #opened(
    socket: WebSocket,
    request: IncomingMessage,
    verdict: Extract<UpgradeVerdict, { closed: unknown } | { url: unknown }>,
  ): void {
    if ("url" in verdict) {
      if (verdict.passedOnBy !== undefined) isPassedOn(socket, verdict.passedOnBy);
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
