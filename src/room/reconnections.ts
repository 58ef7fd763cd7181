import type { Claims } from "../identity/claims.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { CloseCode, type CloseFrame, closing, closingOfRefusal } from "./close-codes.ts";
import { type Admitted, type Door, hashOf, type JoinReason, JoinRefused } from "./door.ts";
import type { RoomOpener } from "./opener.ts";
import { isSeatIdOfThisSchema, newSeatId } from "./seat-id.ts";
import type { Seat } from "./seats.ts";
import type { SessionRoom } from "./session-room.ts";

/** Somebody who says that they had a seat in a session. */
export interface ReturnRequest {
  readonly sessionId: string;
  /** the reconnection token that their client got with its last connection */
  readonly token: string;
  /** Colyseus' session id that their client keeps together with its copy of the state; undefined: it has neither */
  readonly seatId: string | undefined;
  /** the bearer token, if any */
  readonly bearer: string | null | undefined;
  /** of the client, for the rate */
  readonly address: string | undefined;
}

/** What the framework is asked to connect them to. */
export interface ReadySeat {
  readonly room: SessionRoom;
  readonly seatId: string;
  readonly token: string;
}

/** A refused return, with the close frame of its socket. */
export class ReturnRefused extends JoinRefused {
  readonly closing: CloseFrame;
  constructor(reason: JoinReason, frame = closingOfRefusal(reason)) {
    super(reason);
    this.closing = frame;
  }
}

/** Refusals of people who have no place: why it ended says more, where it did. */
const OUT: ReadonlySet<JoinReason> = new Set(["not_found", "approval_needed"]);
/** A seat that was made ready over HTTP waits so long for its socket. */
const READY_MS = 10_000;

/**
 * The ways back of a client that had a connection (contract section 3, "Coming back"). Everything is checked as at a
 * join. Where the framework still holds the seat, it is told to let them in again; where it does not, because the
 * process that knew the token is gone, they get a seat anew, under the id that their client keeps where nobody has it.
 */
export class Reconnections {
  readonly #door: Door;
  readonly #opener: RoomOpener;
  readonly #clock: Clock;
  readonly #chance: Chance;
  /** made ready over HTTP, by seat id; the oldest first */
  readonly #ready = new Map<string, { readonly seat: ReadySeat; readonly userId: string; readonly until: number }>();

  constructor(deps: {
    readonly door: Door;
    readonly opener: RoomOpener;
    readonly clock: Clock;
    readonly chance: Chance;
  }) {
    this.#door = deps.door;
    this.#opener = deps.opener;
    this.#clock = deps.clock;
    this.#chance = deps.chance;
  }

  /** Over HTTP: the socket that follows finds the seat ready. @throws ReturnRefused */
  async prepare(request: ReturnRequest): Promise<ReadySeat> {
    const { seat, userId } = await this.#admit(request);
    const now = this.#clock.steady();
    for (const [seatId, { until }] of this.#ready) {
      if (until > now) break;
      this.#ready.delete(seatId);
    }
    this.#ready.set(seat.seatId, { seat, userId, until: now + READY_MS });
    return seat;
  }

  /** A socket asks for a seat. @throws ReturnRefused */
  async connect(request: ReturnRequest & { readonly seatId: string }): Promise<ReadySeat> {
    const ready = this.#ready.get(request.seatId);
    if (ready !== undefined && ready.until > this.#clock.steady()) {
      const claims = await this.#identify(request, undefined);
      if (claims.userId === ready.userId && ready.seat.room.roomId === request.sessionId) {
        this.#ready.delete(request.seatId);
        return ready.seat;
      }
    }
    return (await this.#admit(request)).seat;
  }

  async #admit(request: ReturnRequest): Promise<{ readonly seat: ReadySeat; readonly userId: string }> {
    const { sessionId, token, seatId, bearer, address } = request;
    const claims = await this.#identify(request, this.#opener.roomOf(sessionId));
    const { userId } = claims;
    // With another schema the client's copy cannot be brought up to date: it has to join anew.
    if (seatId !== undefined && !isSeatIdOfThisSchema(seatId)) throw new ReturnRefused("expired");
    const { session, visitor } = await this.#door.admitBack(claims, sessionId, address).catch((error: unknown) => {
      const isOut = error instanceof JoinRefused && OUT.has(error.reason);
      throw refusedReturn(error, isOut ? this.#opener.roomOf(sessionId)?.whyPlaceEnded(userId) : undefined);
    });
    const room = await this.#opener.open(session).catch(() => {
      throw new ReturnRefused("unavailable");
    });
    // From here on nothing is waited for until the seat is theirs.
    if (!session.committed.places.has(userId)) {
      throw new ReturnRefused("expired", room.whyPlaceEnded(userId));
    }
    const known = room.seats.find(token, userId);
    if (known === undefined && room.isTokenOfThisLife(token)) throw new ReturnRefused("expired");
    const isOpen = known !== undefined && room.isSeatOpen(known);
    let admitted: Admitted;
    try {
      const reserved = this.#door.reserve(session, visitor, claims, bearer, known?.says ?? "", isOpen);
      admitted = { ...reserved, tokenBefore: token };
    } catch (error) {
      throw refusedReturn(error);
    }
    if (known !== undefined && isOpen) room.takeOver(known);
    if (known?.held !== undefined) {
      known.admitted = admitted;
      return { seat: { room, seatId: known.id, token: known.token }, userId };
    }
    return { seat: await this.#newSeat(room, known, seatId, admitted), userId };
  }

  /** A seat of which the framework knows nothing, or nothing any more. */
  async #newSeat(
    room: SessionRoom,
    known: Seat | undefined,
    wanted: string | undefined,
    admitted: Admitted,
  ): Promise<ReadySeat> {
    if (known !== undefined) room.seats.drop(known);
    const id = wanted !== undefined && room.isSeatIdFree(wanted) ? wanted : newSeatId(this.#chance);
    try {
      await room.reserve({ ...admitted, sessionId: id });
    } catch {
      room.session.giveBack(admitted.reservationId);
      throw new ReturnRefused("unavailable");
    }
    return { room, seatId: id, token: admitted.tokenBefore ?? "" };
  }

  /**
   * The SDK's own retry always brings the token that its client joined with. It proves who brings it, ended or not, and the
   * token that renewed it over that connection counts.
   */
  async #identify({ bearer, token, seatId }: ReturnRequest, room: SessionRoom | undefined): Promise<Claims> {
    const { claims, hasEnded } = await this.#door.identifyReturning(bearer).catch((error: unknown) => {
      throw refusedReturn(error);
    });
    const seat = seatId === undefined ? undefined : room?.seats.find(token, claims.userId);
    if (seat?.bearer === hashOf(bearer) && seat.expiresAt > this.#clock.now()) {
      const { name, expiresAt } = seat;
      return { ...claims, name, expiresAt };
    }
    if (!hasEnded) return claims;
    // Asked once more as a token that must not have ended, so that the log has it.
    await this.#door.identify(bearer).catch(() => undefined);
    throw new ReturnRefused("unauthenticated", closing(CloseCode.tokenExpired));
  }
}

function refusedReturn(error: unknown, frame?: CloseFrame): unknown {
  return error instanceof JoinRefused ? new ReturnRefused(error.reason, frame) : error;
}
