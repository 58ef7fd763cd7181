import { type AccessList, inviteUsable, isCountedFor, isInvitee, isOutBy, type Outsider } from "../core/access-list.ts";
import { needsApproval } from "../core/knocks.ts";
import type { Role, Via } from "../core/session.ts";
import { shownName } from "../core/shown-name.ts";
import type { SessionState } from "../core/state.ts";
import type { Member, MemberState } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";

/** Somebody at the door, as the identity and the campaign know them. */
export interface Visitor extends Outsider {
  /** the token's name, if it has one */
  readonly name: string | null;
  /** their membership of the session's campaign, undefined if they have none */
  readonly member: Member | undefined;
  /** SHA-256 (hex) of the invite they bring, if any */
  readonly inviteHash: string | undefined;
}

/** Why somebody is not let in; contract section 3. */
export type Denial =
  | "not_found"
  | "banned"
  | "approval_needed"
  | "session_ended"
  | "too_many_connections"
  | "session_full"
  | "unavailable";

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
  list: AccessList,
  visitor: Visitor,
  nowMs: number,
  reservedUses: (inviteId: string) => number = () => 0,
): Standing | Denial {
  const { userId, member } = visitor;
  const name = shownName(member?.name, visitor.name, userId);
  if (list.banned.has(userId) && member?.role !== "gm") return "banned";
  if (member !== undefined) return { userId, name, role: member.role, via: "member", inviteId: null };
  if (isInvitee(list, visitor)) {
    const invitee = list.invitees.get(userId)!;
    return { userId, name, role: invitee.role, via: `invite:${invitee.inviteId}`, inviteId: null };
  }
  if (visitor.inviteHash === undefined) return "not_found";
  for (const invite of list.invites.values()) {
    if (invite.tokenHash !== visitor.inviteHash) continue;
    if (!inviteUsable(list, invite, visitor, nowMs, reservedUses(invite.id))) return "not_found";
    return { userId, name, role: invite.role, via: `invite:${invite.id}`, inviteId: invite.id };
  }
  return "not_found";
}

/** A reservation that was taken up: it counts until its person has their place, or does not get it. */
export interface Arrival {
  readonly userId: string;
  /** as the campaign's members stand now; a denial where they no longer may come in */
  readonly standing: Standing | "not_found";
}

interface Held extends Arrival {
  standing: Standing | "not_found";
  readonly cancelExpiry: () => void;
}

/**
 * Who is on the way in: places, invite uses and connections that are promised but not yet taken, in memory alone
 * (rules V1, V3, V5, V6, V13).
 */
export class Admission {
  readonly #reservations = new Map<string, Held>();
  readonly #arriving = new Set<Held>();
  /** memberships that changed just now, and until when they are truer than what was read before */
  readonly #changed = new Map<string, MemberState & { readonly until: number }>();
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #onChanged: () => void;

  /** @param onChanged is called whenever `size` may be another */
  constructor(clock: Clock, newId: () => string, onChanged: () => void) {
    this.#clock = clock;
    this.#newId = newId;
    this.#onChanged = onChanged;
  }

  /** How many are on their way in, by reservation. */
  get size(): number {
    return this.#reservations.size + this.#arriving.size;
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
    const standing = this.#admits(state, visitor, openConnections, closeSilent);
    if (typeof standing === "string") return standing;
    const id = this.#newId();
    const cancelExpiry = this.#clock.after(RESERVATION_MS, () => {
      this.#reservations.delete(id);
      this.#onChanged();
    });
    this.#reservations.set(id, { userId: visitor.userId, standing, cancelExpiry });
    this.#onChanged();
    return { id, standing };
  }

  /** Why somebody would not be let in, if so; nothing is reserved. */
  denies(state: SessionState, visitor: Visitor, openConnections: number): Denial | undefined {
    const standing = this.#admits(state, visitor, openConnections, () => false);
    return typeof standing === "string" ? standing : undefined;
  }

  /** Takes a reservation up, once; `arrived` ends it. Undefined: it was given back meanwhile. */
  take(id: string): Arrival | undefined {
    const arrival = this.#reservations.get(id);
    if (arrival === undefined) return undefined;
    this.#arriving.add(arrival);
    this.giveBack(id);
    return arrival;
  }

  /** They have their place, or do not get it. */
  arrived(arrival: Arrival): void {
    this.#arriving.delete(arrival as Held);
    this.#onChanged();
  }

  giveBack(id: string): void {
    this.#reservations.get(id)?.cancelExpiry();
    this.#reservations.delete(id);
    this.#onChanged();
  }

  /** Somebody's membership changed: it counts for whoever is on their way in already. */
  memberChanged(list: AccessList, userId: string, { member, removal }: MemberState): void {
    const now = this.#clock.steady();
    for (const [changed, { until }] of this.#changed) if (until <= now) this.#changed.delete(changed);
    this.#changed.set(userId, { member, removal, until: now + RESERVATION_MS });
    for (const held of this.#all()) {
      if (held.userId !== userId || held.standing === "not_found") continue;
      if (member !== undefined) held.standing = asMember(held.standing, member);
      else if (isOutBy(list, held.standing.via, { userId, removal })) held.standing = "not_found";
    }
  }

  /** Gives everything back. */
  clear(): void {
    for (const { cancelExpiry } of this.#reservations.values()) cancelExpiry();
    this.#reservations.clear();
  }

  #admits(
    state: SessionState,
    visitor: Visitor,
    openConnections: number,
    closeSilent: () => boolean,
  ): Standing | Denial {
    const { userId } = visitor;
    const now = this.#clock.now();
    const changed = this.#changed.get(userId);
    const isNewer = changed !== undefined && changed.until > this.#clock.steady();
    const latest = isNewer ? { ...visitor, member: changed.member, removal: changed.removal } : visitor;
    const standing = standingOf(state, latest, now, (inviteId) =>
      this.#people(
        (held) => held.inviteId === inviteId && held.userId !== userId && !isCountedFor(state, inviteId, held.userId),
      ),
    );
    if (typeof standing === "string") return standing;
    if (state.status === "ended") return "session_ended";
    const caller = { role: standing.role, hasPlace: state.places.has(userId), removal: latest.removal };
    if (needsApproval(state, caller, state.knocks.get(userId))) return "approval_needed";
    const connections = openConnections + this.#reservedBy(userId);
    if (connections >= state.settings.connectionsPerParticipant && !closeSilent()) return "too_many_connections";
    return this.#hasRoom(state, standing) ? standing : "session_full";
  }

  #hasRoom(state: SessionState, standing: Standing): boolean {
    const { userId, role } = standing;
    if (role === "gm" || state.places.has(userId)) return true;
    const promised = this.#people((held) => held.userId !== userId && !state.places.has(held.userId));
    return state.places.size + promised < state.maxParticipants;
  }

  /** Without those that were taken up: these are open sockets by then. */
  #reservedBy(userId: string): number {
    let connections = 0;
    for (const held of this.#reservations.values()) if (held.userId === userId) connections++;
    return connections;
  }

  /** How many people (not reservations) are on their way in, of a kind. */
  #people(matches: (held: Standing) => boolean): number {
    const people = new Set<string>();
    for (const { userId, standing } of this.#all()) {
      if (standing !== "not_found" && matches(standing)) people.add(userId);
    }
    return people.size;
  }

  *#all(): Iterable<Held> {
    yield* this.#reservations.values();
    yield* this.#arriving;
  }
}

/** Somebody on their way in, with the membership that they have now. */
function asMember(standing: Standing, member: Member): Standing {
  const { userId } = standing;
  const name = shownName(member.name, standing.name, userId);
  return { userId, name, role: member.role, via: "member", inviteId: null };
}
