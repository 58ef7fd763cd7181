import { once } from "node:events";
import WebSocket from "ws";
import type { ServerProcess } from "./server.ts";

const ERROR = 11;
const JOIN_ROOM = 10;

/** What the SDK's own retry sends: everything is in the address. */
export interface ReturnAddress {
  readonly sessionId: string;
  readonly seatId: string;
  readonly reconnectionToken: string;
  readonly bearer: string | undefined;
}

/** How a return went: in (with the socket, open), or refused as the client is told. */
export type ReturnOutcome =
  | { readonly in: true; readonly socket: WebSocket }
  | { readonly in: false; readonly code: number; readonly reason: string; readonly frames: readonly string[] };

/** Comes back as the SDK does by itself, with any address. */
export async function returnTo(server: ServerProcess, address: ReturnAddress): Promise<ReturnOutcome> {
  const query = new URLSearchParams({ sessionId: address.seatId, reconnectionToken: address.reconnectionToken });
  if (address.bearer !== undefined) query.set("_authToken", address.bearer);
  query.set("skipHandshake", "true");
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/process/${address.sessionId}?${query}`);
  const frames: string[] = [];
  const joined = new Promise<ReturnOutcome>((resolve) => {
    socket.on("message", (data: Buffer) => {
      frames.push(data.toString("hex"));
      if (data[0] !== JOIN_ROOM) return;
      socket.send(Buffer.of(JOIN_ROOM));
      resolve({ in: true, socket });
    });
  });
  socket.on("error", () => undefined);
  const closed = once(socket, "close").then(([code, reason]): ReturnOutcome => {
    return { in: false, code: code as number, reason: String(reason), frames };
  });
  return await Promise.race([joined, closed]);
}

/** Whether a frame is the framework's error frame. */
export function isErrorFrame(hex: string): boolean {
  return Number.parseInt(hex.slice(0, 2), 16) === ERROR;
}
