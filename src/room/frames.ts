import { type Client, ClientState, Protocol, type Room } from "@colyseus/core";
import type { Clock } from "../ports/clock.ts";
import { CloseCode, closing } from "./close-codes.ts";
import { holdWhile } from "./held-sockets.ts";
import { Turns } from "./turns.ts";

/** Contract section 5: who has not acknowledged their join by then is closed. */
export const ACKNOWLEDGED_WITHIN_MS = 10_000;

/** A room as the frames of its clients need it. */
export interface FrameTaker extends Room {
  readonly session: { readonly clock: Clock; broke(error: unknown): void };
  readonly intake: {
    /** A message or a request. */
    take(client: Client, frame: Buffer): void;
    /** Whether there is a budget for a frame that asks for next to nothing. */
    allows(client: Client): boolean;
  };
  /** A client acknowledged its join. @param letIn brings it the whole state; to be called now or soon, if at all */
  acknowledged(client: Client, letIn: () => void): void;
}

type TakeFrame = (this: FrameTaker, client: Client, frame: Buffer) => void;
type Join = (this: FrameTaker, client: Client, ...rest: unknown[]) => Promise<void>;

const acknowledged = new WeakSet<Client>();
/** Of this process: its rooms are the groups. */
const turns = new Turns();

/**
 * Takes every frame in the framework's place, which decodes what it gets partly outside of a `try`, prints what it cannot
 * decode, and keeps answers for clients that never acknowledge their join. Left to the framework are the join, pings and
 * leaving on purpose; messages go to the room's intake; anything else means nothing and is dropped.
 * @param prototype of the room's class, whose private `_onJoin` and `_onMessage` are replaced
 */
export function guardFrames(prototype: FrameTaker): void {
  const guarded = prototype as unknown as { _onMessage: TakeFrame; _onJoin: Join };
  const takeFrame = guarded._onMessage;
  const join = guarded._onJoin;

  guarded._onJoin = async function (client, ...rest) {
    await join.call(this, client, ...rest);
    if (client.state === ClientState.JOINING) endUnlessAcknowledged(this, client);
  };

  guarded._onMessage = function (client, frame) {
    if (client.state === ClientState.LEAVING) return;
    const isAcknowledged = acknowledged.has(client);
    if (frame[0] === Protocol.JOIN_ROOM) {
      if (isAcknowledged || client.state !== ClientState.JOINING) return;
      acknowledged.add(client);
      let isIn = false;
      let letGo: (() => void) | undefined;
      this.acknowledged(client, () => {
        isIn = true;
        letGo?.();
        takeFrame.call(this, client, frame);
      });
      // What follows waits in the socket, for an answer would have to wait here.
      if (!isIn) letGo = holdWhile(client.ref);
    } else if (isAcknowledged) {
      inTurn(this, client, () => {
        if (frame[0] === Protocol.ROOM_DATA || frame[0] === Protocol.ROOM_REQUEST) this.intake.take(client, frame);
        else if (frame[0] === Protocol.LEAVE_ROOM) takeFrame.call(this, client, frame);
        else if (this.intake.allows(client) && frame[0] === Protocol.PING) takeFrame.call(this, client, frame);
      });
    }
  };
}

/** Ends a connection that does not keep to the protocol (4205): from now on nothing is taken from it. */
export function endForProtocol(room: Room, client: Client): void {
  const { code, reason } = closing(CloseCode.protocolError);
  // A newer socket may sit on the same seat by now.
  if (room.clients.get(client.sessionId) === client) room.kickClient(client.sessionId, code, reason);
  else client.leave(code, reason);
}

/** Now, or where the room has done much in this turn, a little later; its client is not read on until then. */
function inTurn(room: FrameTaker, client: Client, take: () => void): void {
  let letGo: (() => void) | undefined;
  const isDone = turns.take(room, () => {
    letGo?.();
    if (client.state === ClientState.LEAVING) return;
    try {
      take();
    } catch (error) {
      // Nothing that a client sends can throw there: what throws is ours.
      room.session.broke(error);
    }
  });
  if (!isDone) letGo = holdWhile(client.ref);
}

function endUnlessAcknowledged(room: FrameTaker, client: Client): void {
  const cancel = room.session.clock.after(ACKNOWLEDGED_WITHIN_MS, () => {
    if (!acknowledged.has(client) && client.state !== ClientState.LEAVING) endForProtocol(room, client);
  });
  client.ref.once("close", cancel);
}
