import { Client, type Room } from "@colyseus/sdk";
import { JoinRefused } from "./errors.ts";
import { type Join, type LiveState, RequestRefused, type RoomConnection } from "./room.ts";

/**
 * Joins with the Colyseus SDK.
 * @param endpoint `ws://`, `wss://`, `http://` or `https://` address of the server; throws where it is none
 * @param onRoom gets each joined room as the SDK knows it, before anything came from it: for those who measure its socket
 */
export function joinWithColyseus(endpoint: string, onRoom: (room: Room<unknown, LiveState>) => void = () => {}): Join {
  // The SDK would send cookies to any origin, which only a server that allows just that may answer. The token is enough.
  const fetchFn = (url: string | URL | Request, init?: RequestInit) =>
    fetch(url, { ...init, credentials: "same-origin" });
  const client = new Client(endpoint, { fetchFn });
  return async (options, token) => {
    client.auth.token = token;
    try {
      const room = await client.joinOrCreate<LiveState>("session", options);
      onRoom(room);
      return wrap(room);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      // A code that is no number is the system's (ECONNREFUSED): nobody answered.
      if (typeof code === "number") throw new JoinRefused(code, typeof message === "string" ? message : "");
      throw error;
    }
  };
}

function wrap(room: Room<unknown, LiveState>): RoomConnection {
  // Its own way back takes longer than a new join, stops after 56 s and does not survive a host's death.
  room.reconnection.enabled = false;
  // Without a listener, the SDK's error signal is silent; the close that follows is what counts.
  return {
    onState: (run) => void room.onStateChange(run),
    onClosed: (run) => void room.onLeave((code, reason) => run(code, reason ?? "")),
    onMessage: (run) => void room.onMessage("*", (type, payload) => run(String(type), payload)),
    async request(type, payload, timeoutMs) {
      // The SDK would queue it and flush it later, out of our order.
      if (!room.connection.isOpen) throw new Error("the socket is not open");
      try {
        return await room.request(type, payload, { timeout: timeoutMs });
      } catch (error) {
        throw asRefusal(error);
      }
    },
    ping: (run) => room.ping(run),
    // Over a line that is just breaking it fails: then the window ends the place.
    leave: () => void room.leave(true).catch(() => {}),
    drop: () => room.connection.close(),
  };
}

/** A deliberate refusal carries `reason`; a fault of the server's (no handler, undecodable) only a name. */
function asRefusal(error: unknown): unknown {
  const { name, reason, message } = error as { name?: string; reason?: unknown; message?: string };
  if (name === "rejected") return new RequestRefused(reason);
  if (name === "no_handler") return new RequestRefused({ code: "unknown_action", message, retryable: false });
  return error;
}
