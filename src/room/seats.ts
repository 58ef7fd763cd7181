import type { Room } from "@colyseus/core";
import type { Admitted } from "./door.ts";

/** The framework's promise that a dropped client may reconnect; rejecting it ends that. */
export type HeldSeat = ReturnType<Room["allowReconnection"]>;

/**
 * What one client of a person keeps over all its sockets: a Colyseus session id, and a reconnection token that changes
 * with each of them. It is there as long as the person's place, unless they left over it.
 */
export interface Seat {
  /** Colyseus' session id */
  readonly id: string;
  readonly userId: string;
  /** what the client says of itself, for the GM's eyes */
  readonly says: string;
  /** SHA-256 of the bearer token that its client joined with */
  readonly bearer: string;
  /** of its person's token, as it was renewed last; ms since 1970 */
  expiresAt: number;
  /** that token's, if it has one */
  name: string | null;
  token: string;
  /** the token that `token` replaced: good until the client has shown that it knows the new one */
  formerToken: string | undefined;
  /** while no socket is open and the framework waits for the next one */
  held: HeldSeat | undefined;
  /** somebody was let back in to this held seat, and is about to connect */
  admitted: Admitted | undefined;
}

/** Open, held and lost seats together; a person who drops more often loses the oldest seat, but not their place. */
const MAX_SEATS_PER_PERSON = 16;

/** The seats of a room: who may come back by which reconnection token. */
export class Seats {
  readonly #byId = new Map<string, Seat>();
  readonly #byToken = new Map<string, Seat>();
  readonly #byUser = new Map<string, Set<Seat>>();

  /** A socket took a seat, or took it up again: then its person's next token replaces the one they came with. */
  take(id: string, token: string, { userId, client, bearer, name, expiresAt, tokenBefore }: Admitted): Seat {
    const before = this.#byId.get(id);
    if (before !== undefined) this.#unlink(before);
    const seat: Seat = {
      id,
      userId,
      says: client,
      bearer,
      expiresAt,
      name,
      token,
      formerToken: tokenBefore,
      held: undefined,
      admitted: undefined,
    };
    this.#byId.set(id, seat);
    for (const known of [tokenBefore, token]) if (known !== undefined) this.#byToken.set(known, seat);
    const theirs = this.#byUser.get(userId) ?? new Set();
    theirs.add(seat);
    this.#byUser.set(userId, theirs);
    const [oldest] = theirs;
    if (theirs.size > MAX_SEATS_PER_PERSON && oldest !== undefined) this.drop(oldest);
    return seat;
  }

  byId(id: string): Seat | undefined {
    return this.#byId.get(id);
  }

  /** @returns undefined for a token that is nobody's, or somebody else's: to them it is as void as any other */
  find(token: string, userId: string): Seat | undefined {
    const seat = this.#byToken.get(token);
    return seat?.userId === userId ? seat : undefined;
  }

  /** How many seats the framework keeps for people who dropped. */
  get held(): number {
    let held = 0;
    for (const seat of this.#byId.values()) if (seat.held !== undefined) held += 1;
    return held;
  }

  /** The client has the newest token: the one before is void from now on. */
  acknowledged(id: string): void {
    const seat = this.#byId.get(id);
    if (seat?.formerToken === undefined) return;
    this.#byToken.delete(seat.formerToken);
    seat.formerToken = undefined;
  }

  /** The socket is gone; the framework holds the seat for the next one, unless its promise fails. */
  hold(seat: Seat, held: HeldSeat): void {
    // It is rejected where the room closes, and by `drop`; at once, and then a plain promise, where the client never got in.
    held.catch(() => {
      if (seat.held === held) seat.held = undefined;
    });
    if ("reject" in held) seat.held = held;
  }

  /** Nobody comes back to this seat. */
  drop(seat: Seat): void {
    this.#unlink(seat);
    seat.held?.reject(new Error("the seat was given up"));
  }

  /** Somebody's place ended. */
  dropAll(userId: string): void {
    for (const seat of this.#byUser.get(userId) ?? []) this.drop(seat);
  }

  #unlink(seat: Seat): void {
    if (this.#byId.get(seat.id) === seat) this.#byId.delete(seat.id);
    for (const token of [seat.token, seat.formerToken]) {
      if (token !== undefined && this.#byToken.get(token) === seat) this.#byToken.delete(token);
    }
    const theirs = this.#byUser.get(seat.userId);
    theirs?.delete(seat);
    if (theirs?.size === 0) this.#byUser.delete(seat.userId);
  }
}
