import { matchMaker } from "@colyseus/core";
import type { Claims } from "../identity/claims.ts";
import { type Door, JoinRefused } from "./door.ts";
import type { SessionRoom } from "./session-room.ts";
import type { TokenOwner } from "./tokens.ts";

/**
 * Prepares a seat for somebody who comes back with a reconnection token; the socket that the token was given to is
 * closed if it still looks open. A try that fails changes nothing.
 * @returns the framework's id of the seat
 * @throws JoinRefused
 */
export async function reserveSeatAgain(room: SessionRoom, door: Door, token: string, claims: Claims): Promise<string> {
  const owner = ownerOf(room, token, claims);
  const old = room.clients.get(owner.seatId);
  const admitted = await door.readmit(claims, room.session, owner.client, old !== undefined);
  try {
    ownerOf(room, token, claims);
    const stillOpen = room.clients.get(owner.seatId);
    if (stillOpen !== undefined) room.replace(stillOpen);
    const listing = matchMaker.getLocalRoomById(room.roomId)?.["_listing"];
    if (listing === undefined) throw new JoinRefused("no_room");
    await matchMaker.reserveSeatFor(listing, {}, { ...admitted, sessionId: owner.seatId });
  } catch (error) {
    room.session.giveBack(admitted.reservationId);
    throw error instanceof JoinRefused ? error : new JoinRefused("expired");
  }
  return owner.seatId;
}

function ownerOf(room: SessionRoom, token: string, { userId }: Claims): TokenOwner {
  const owner = room.tokens.ownerOf(token);
  // To anybody else it is as void as any other.
  if (owner === undefined || owner.userId !== userId) throw new JoinRefused("expired");
  return owner;
}
