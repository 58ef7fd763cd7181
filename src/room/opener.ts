import { matchMaker } from "@colyseus/core";
import type { HostedSession } from "../live/hosted-session.ts";
import type { Clock } from "../ports/clock.ts";
import { SessionRoom } from "./session-room.ts";

export const ROOM_NAME = "session";

/** The framework lets go of a closed room within this, in ms; until then its id cannot be used again. */
const GONE_WITHIN_MS = 3_000;

/**
 * Opens each running session's one room, however many ask at the same time. No other way leads to a room. A room's id is
 * its session's.
 */
export class RoomOpener {
  readonly #rooms = new Map<string, { readonly session: HostedSession; readonly room: Promise<SessionRoom> }>();

  async open(session: HostedSession): Promise<SessionRoom> {
    const { sessionId } = session;
    const open = this.#rooms.get(sessionId);
    if (open?.session === session) return await open.room;
    const room = this.#create(session, open?.room);
    this.#rooms.set(sessionId, { session, room });
    const forget = () => {
      if (this.#rooms.get(sessionId)?.room === room) this.#rooms.delete(sessionId);
    };
    room.then(({ gone }) => gone.then(forget), forget);
    return await room;
  }

  /** The room of a session that runs here, if it has one. */
  roomOf(sessionId: string): SessionRoom | undefined {
    return roomHere(sessionId);
  }

  /** @param former the session's room before this one, which the framework may not have let go of */
  async #create(session: HostedSession, former: Promise<SessionRoom> | undefined): Promise<SessionRoom> {
    const { gone } = (await former?.catch(() => undefined)) ?? {};
    if (gone !== undefined) await orTooLate(gone, session.clock);
    const listing = await matchMaker.createRoom(ROOM_NAME, { sessionId: session.sessionId, session });
    const room = roomHere(session.sessionId);
    if (room?.session !== session) throw new Error("the session's room could not be made");
    room.listing = listing;
    return room;
  }
}

/** The framework looks rooms up in a plain object, which has a `constructor` and the like. */
export function roomHere(sessionId: string): SessionRoom | undefined {
  const room: unknown = matchMaker.getLocalRoomById(sessionId);
  return room instanceof SessionRoom ? room : undefined;
}

/** @throws where the framework has not let go of the former room in time */
function orTooLate(gone: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(GONE_WITHIN_MS, () => reject(new Error("the session's former room is still there")));
    void gone.then(resolve).then(cancel);
  });
}
