import { matchMaker } from "@colyseus/core";
import type { HostedSession } from "../live/hosted-session.ts";

export const ROOM_NAME = "session";

type Listing = Awaited<ReturnType<typeof matchMaker.createRoom>>;

/** Opens each running session's one room, however many ask at the same time. No other way leads to a room. */
export class RoomOpener {
  readonly #rooms = new WeakMap<HostedSession, Promise<Listing>>();

  open(session: HostedSession): Promise<Listing> {
    let room = this.#rooms.get(session);
    if (room === undefined) {
      room = matchMaker.createRoom(ROOM_NAME, { sessionId: session.sessionId, session });
      this.#rooms.set(session, room);
      room.catch(() => this.#rooms.delete(session));
    }
    return room;
  }
}
