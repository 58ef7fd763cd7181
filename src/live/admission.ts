import type { Role, Via } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import { inviteUsable, isInvitee } from "../core/state.ts";
import type { Member } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";

/** Somebody at the door, as the identity and the campaign know them. */
export interface Visitor {
  readonly userId: string;
  /** the token's name, if it has one */
  readonly name: string | null;
  /** their membership of the session's campaign, undefined if they have none */
  readonly member: Member | undefined;
  /** SHA-256 (hex) of the invite they bring, if any */
  readonly inviteHash: string | undefined;
}

/** Why somebody is not let in; contract section 3. */
export type Denial = "not_found" | "banned" | "session_ended" | "too_many_connections" | "session_full" | "unavailable";

/** As whom somebody comes in. `inviteId`: the invite whose use their first join counts. */
export interface Standing {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly via: Via;
  readonly inviteId: string | null;
}

/** A reservation: a connection, and where the person has none yet, a place and the use of an invite. */
export interface Reservation {
  readonly id: string;
  readonly standing: Standing;
}

/** A reservation that is not used in this time is given back. */
export const RESERVATION_MS = 10_000;

/**
 * Whether somebody may come in, and as whom; nothing is reserved. The order of denials is the contract's, but that a
 * banned person learns so at a join even as a stranger. A GM is never taken for banned.
 */
export function standingOf(
  state: SessionState,
  visitor: Visitor,
  nowMs: number,
  reservedUses: (inviteId: string) => number = () => 0,
): Standing | Denial {
  const { userId, member } = visitor;
  const name = member?.name ?? visitor.name ?? userId;
  if (state.banned.has(userId) && member?.role !== "gm") return "banned";
  if (member !== undefined) return { userId, name, role: member.role, via: "member", inviteId: null };
  if (isInvitee(state, userId)) {
    const invitee = state.invitees.get(userId)!;
    return { userId, name, role: invitee.role, via: `invite:${invitee.inviteId}`, inviteId: null };
  }
  if (visitor.inviteHash === undefined) return "not_found";
  for (const invite of state.invites.values()) {
    if (invite.tokenHash !== visitor.inviteHash) continue;
    if (!inviteUsable(state, invite, userId, nowMs, reservedUses(invite.id))) return "not_found";
    return { userId, name, role: invite.role, via: `invite:${invite.id}`, inviteId: invite.id };
  }
  return "not_found";
}

/**
 * Who is on the way in: places, invite uses and connections that are promised but not yet taken, in memory alone
 * (rules V1 to V6).
 */
export class Admission {
  readonly #reservations = new Map<string, Reservation & { cancelExpiry: () => void }>();
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #onExpired: () => void;

  constructor(clock: Clock, newId: () => string, onExpired: () => void) {
    this.#clock = clock;
    this.#newId = newId;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#reservations.size;
  }

  /**
   * @param openConnections sockets that the person has open now
   * @param closeSilent closes one of them that gave no sign of life for 6 s, to make room; whether there was one
   */
  reserve(
    state: SessionState,
    visitor: Visitor,
    openConnections: number,
    closeSilent: () => boolean,
  ): Reservation | Denial {
    const standing = standingOf(state, visitor, this.#clock.now(), (inviteId) =>
      this.#people((held) => held.inviteId === inviteId && held.userId !== visitor.userId),
    );
    if (typeof standing === "string") return standing;
    if (state.status === "ended") return "session_ended";
    const connections = openConnections + this.#reservedBy(standing.userId);
    if (connections >= state.settings.connectionsPerParticipant && !closeSilent()) return "too_many_connections";
    if (!this.#hasRoom(state, standing)) return "session_full";
    const id = this.#newId();
    const cancelExpiry = this.#clock.after(RESERVATION_MS, () => {
      this.#reservations.delete(id);
      this.#onExpired();
    });
    const reservation = { id, standing, cancelExpiry };
    this.#reservations.set(id, reservation);
    return reservation;
  }

  /** Takes a reservation up, once. Undefined: it was given back meanwhile. */
  take(id: string): Reservation | undefined {
    const reservation = this.#reservations.get(id);
    reservation?.cancelExpiry();
    this.#reservations.delete(id);
    return reservation;
  }

  /** Gives everything back. */
  clear(): void {
    for (const { cancelExpiry } of this.#reservations.values()) cancelExpiry();
    this.#reservations.clear();
  }

  #hasRoom(state: SessionState, standing: Standing): boolean {
    const { userId, role } = standing;
    if (role === "gm" || state.places.has(userId)) return true;
    const promised = this.#people((held) => held.userId !== userId && !state.places.has(held.userId));
    return state.places.size + promised < state.maxParticipants;
  }

  #reservedBy(userId: string): number {
    let connections = 0;
    for (const { standing } of this.#reservations.values()) if (standing.userId === userId) connections++;
    return connections;
  }

  /** How many people (not reservations) hold a reservation of a kind. */
  #people(matches: (held: Standing) => boolean): number {
    const people = new Set<string>();
    for (const { standing } of this.#reservations.values()) if (matches(standing)) people.add(standing.userId);
    return people.size;
  }
}
