import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { TOO_SLOW } from "./close-codes.ts";
import { holdFor, isHeld } from "./held-sockets.ts";
import { Line, SILENT_AFTER_MS, type Traffic } from "./line.ts";

/** Between two looks, a socket's backlog is looked at each time that so much was sent to it. */
const LOOK_EVERY_BYTES = 256 * 1024;
/** Pongs that nobody asked for are no sign of more than life: who floods with them is read that much later. */
const UNASKED_PONG_MS = 20;
/** What a socket had been sent at its last looks: they go back some 10 s. */
const LOOKS_KEPT = 5;

interface Watched {
  readonly line: Line;
  /** the oldest heartbeat that was not answered: when it was sent, 0 for none, and behind how many bytes */
  pingedAt: number;
  pingedBehind: number;
  /** it is being closed for its backlog */
  isTooSlow: boolean;
  /** of a socket that is being closed: what waits, and since when it has not become less */
  closing: { unsentBytes: number; since: number } | undefined;
  onLatency: ((latencyMs: number) => void) | undefined;
  /** the oldest first */
  readonly looks: { readonly at: number; readonly bytesWritten: number }[];
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
  return watched.get(socket)?.isTooSlow ?? false;
}

/** The first full state has just been handed to a socket: however long it takes, it is no backlog. */
export function firstStateSent(socket: object): void {
  watch(socket as WebSocket).line.firstStateSent(trafficOf(socket as WebSocket));
}

/** What a socket was sent per second over the last 10 s or so, in bytes; from what its looks have seen. */
export function bytesPerSecond(socket: object): number {
  const since = watched.get(socket)?.looks[0];
  if (since === undefined) return 0;
  const sent = trafficOf(socket as WebSocket).bytesWritten - since.bytesWritten;
  return (Math.max(0, sent) * 1_000) / Math.max(1_000, performance.now() - since.at);
}

/** Judges a socket, and sends it a heartbeat. @param now by `performance.now()` */
export function look(socket: WebSocket, now: number): void {
  const one = watch(socket);
  const traffic = trafficOf(socket);
  if (isHeld(socket)) one.line.notRead(now);
  one.looks.push({ at: now, bytesWritten: traffic.bytesWritten });
  if (one.looks.length > LOOKS_KEPT) one.looks.shift();
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
  one.isTooSlow = true;
  one.closing = { unsentBytes, since: now };
  socket.close(TOO_SLOW.code, TOO_SLOW.reason);
}

/** Much can be sent between two looks: then the backlog is looked at, and nothing is done for each message. */
export function lookWhenMuchIsSent(socket: WebSocket): void {
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
      looks: [{ at: performance.now(), bytesWritten: trafficOf(socket).bytesWritten }],
      pingedAt: 0,
      pingedBehind: 0,
      isTooSlow: false,
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

export function tcpOf(socket: WebSocket): Socket | null {
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
