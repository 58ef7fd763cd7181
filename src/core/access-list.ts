import type { LogRecord } from "./record.ts";
import type { Invite, Invitee } from "./session.ts";
import type { SessionState } from "./state.ts";

/** What of a session says who may come in. A state has it of everybody, what is kept beside its log of one person. */
export interface AccessList {
  readonly banned: ReadonlySet<string>;
  readonly invitees: ReadonlyMap<string, Invitee>;
  readonly invites: ReadonlyMap<string, Invite>;
}

/** What a session says of one person, as it is kept beside its log. */
export interface PersonFacts {
  readonly banned: boolean;
  /** null: they came by no invite */
  readonly invitee: Invitee | null;
  /** Of a session that has ended it says nothing: nobody has a place there. */
  readonly hasPlace: boolean;
}

/** Of a person about whom the log says nothing. */
export const NOTHING_KNOWN: PersonFacts = { banned: false, invitee: null, hasPlace: false };

/** What a state says of somebody. */
export function factsOf({ banned, invitees, places }: SessionState, userId: string): PersonFacts {
  return {
    banned: banned.has(userId),
    invitee: invitees.get(userId) ?? null,
    hasPlace: places.has(userId),
  };
}

/** Everybody about whom a state says something. */
export function peopleOf({ banned, invitees, places }: SessionState): Set<string> {
  return new Set([...invitees.keys(), ...banned, ...places.keys()]);
}

/** The list as far as it concerns one person. @param invites by which they are in, or that they bring */
export function listOf(userId: string, { banned, invitee }: PersonFacts, invites: readonly Invite[]): AccessList {
  return {
    banned: new Set(banned ? [userId] : []),
    invitees: new Map(invitee === null ? [] : [[userId, invitee]]),
    invites: new Map(invites.map((invite) => [invite.id, invite])),
  };
}

/** Of which people, and of which invites, records say something new. */
export class AccessChanges {
  /** user ids */
  readonly people = new Set<string>();
  /** ids of invites */
  readonly invites = new Set<string>();

  add({ content }: LogRecord): void {
    if (content.kind === "invite") {
      this.invites.add(content.change.what === "created" ? content.change.invite.id : content.change.inviteId);
    }
    if (content.kind !== "place") return;
    const { change } = content;
    this.people.add(change.what === "joined" ? change.place.userId : change.userId);
    if (change.what === "joined" && change.inviteId !== null) this.invites.add(change.inviteId);
  }
}

/** Whether somebody may come back without an invite: they came by one that is not revoked, and are not banned. */
export function isInvitee(list: AccessList, userId: string): boolean {
  const invitee = list.invitees.get(userId);
  if (invitee === undefined || list.banned.has(userId)) return false;
  return list.invites.get(invitee.inviteId)?.revokedAt === null;
}

/**
 * Whether an invite lets this person in now: not revoked, not expired, and either they are counted for it already or a
 * use is left. Says nothing of bans.
 * @param reservedUses uses promised to other people who are on their way in
 */
export function inviteUsable(list: AccessList, invite: Invite, userId: string, now: number, reservedUses = 0): boolean {
  if (invite.revokedAt !== null || invite.expiresAt <= now) return false;
  return isCountedFor(list, invite.id, userId) || invite.uses + reservedUses < invite.maxUses;
}

/** Whether an invite counts this person as a use already. */
export function isCountedFor(list: AccessList, inviteId: string, userId: string): boolean {
  return list.invitees.get(userId)?.used.includes(inviteId) ?? false;
}
