import { type BeforeUpgradeHandler, matchMaker } from "@colyseus/core";
import { reserveSeatAgain } from "./coming-back.ts";
import type { Door } from "./door.ts";
import { SessionRoom } from "./session-room.ts";

/**
 * Looks at every WebSocket that may become one: where it brings a reconnection token (the SDK's own way back), who brings
 * it. A token that is not theirs, or void, prepares no seat, and the framework then answers 524.
 */
export function beforeUpgrade(door: Door): BeforeUpgradeHandler {
  return async (request, context) => {
    const { pathname, searchParams } = new URL(request.url);
    const room: unknown = matchMaker.getLocalRoomById(pathname.split("/").at(-1) ?? "");
    // The framework looks rooms up in a plain object, which has a `constructor` and the like.
    if (room !== undefined && !(room instanceof SessionRoom)) return new Response("not found", { status: 404 });
    const token = searchParams.get("reconnectionToken");
    const seatId = searchParams.get("sessionId");
    // A reconnection that came by HTTP has its seat by now.
    if (room === undefined || token === null || seatId === null || room.hasReservedSeat(seatId)) return undefined;
    try {
      await reserveSeatAgain(room, door, token, await door.identify(context.token));
    } catch {
      // No seat: the framework says so, to a client that understands it.
    }
    return undefined;
  };
}
