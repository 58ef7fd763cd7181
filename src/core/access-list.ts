import type { LogRecord, RecordContent } from "./record.ts";
import type { Invite, Invitee, Knock, Via } from "./session.ts";
import type { SessionState } from "./state.ts";

/** What of a session says who may come in. A state has it of everybody, what is kept beside its log of one person. */
export interface AccessList {
  readonly banned: ReadonlySet<string>;
  readonly invitees: ReadonlyMap<string, Invitee>;
  readonly invites: ReadonlyMap<string, Invite>;
  readonly knocks: ReadonlyMap<string, KnockFacts>;
}

/** Of somebody who asked to come in. */
export type KnockFacts = Pick<Knock, "status" | "via" | "removal" | "passing">;

/** What a session says of one person, as it is kept beside its log. */
export interface PersonFacts {
  readonly banned: boolean;
  /** null: they came by no invite */
  readonly invitee: Invitee | null;
  /** Of a session that has ended it says nothing: nobody has a place there. */
  readonly hasPlace: boolean;
  /** null: they did not ask. Of a session that has ended it says nothing. */
  readonly knock: KnockFacts | null;
}

/** Of a person about whom the log says nothing. */
export const NOTHING_KNOWN: PersonFacts = { banned: false, invitee: null, hasPlace: false, knock: null };

/** What a state says of somebody. */
export function factsOf({ banned, invitees, places, knocks }: SessionState, userId: string): PersonFacts {
  const knock = knocks.get(userId);
  return {
    banned: banned.has(userId),
    invitee: invitees.get(userId) ?? null,
    hasPlace: places.has(userId),
    knock: knock === undefined ? null : knockFacts(knock),
  };
}

/** Everybody about whom a state says something. */
export function peopleOf({ banned, invitees, places, knocks }: SessionState): Set<string> {
  return new Set([...invitees.keys(), ...banned, ...places.keys(), ...knocks.keys()]);
}

function knockFacts({ status, via, removal, passing }: Knock): KnockFacts {
  return { status, via, removal, passing };
}

/** The invites by which somebody is in, and by which they asked to come in. */
export function inviteIdsOf({ invitee, knock }: Pick<PersonFacts, "invitee" | "knock">): {
  readonly invitee: string | null;
  readonly knock: string | null;
} {
  return { invitee: invitee?.inviteId ?? null, knock: (knock && inviteIdIn(knock.via)) ?? null };
}

/** The invite that a way in names, undefined where it names none. */
export function inviteIdIn(via: Via): string | undefined {
  return via.startsWith("invite:") ? via.slice("invite:".length) : undefined;
}

/** The list as far as it concerns one person. @param invites by which they are in, or that they bring */
export function listOf(
  userId: string,
  { banned, invitee, knock }: PersonFacts,
  invites: readonly Invite[],
): AccessList {
  return {
    banned: new Set(banned ? [userId] : []),
    invitees: new Map(invitee === null ? [] : [[userId, invitee]]),
    invites: new Map(invites.map((invite) => [invite.id, invite])),
    knocks: new Map(knock === null ? [] : [[userId, knock]]),
  };
}

/** Of which people, and of which invites, records say something new. */
export class AccessChanges {
  /** user ids */
  readonly people = new Set<string>();
  /** ids of invites */
  readonly invites = new Set<string>();
  /** whether everybody who asked to come in is concerned */
  knocks = false;

  add({ content }: LogRecord): void {
    if (content.kind === "settings" && content.settings?.admission !== undefined) this.knocks = true;
    if (content.kind === "knock") for (const userId of knockersIn(content.change)) this.people.add(userId);
    if (content.kind === "invite") {
      this.invites.add(content.change.what === "created" ? content.change.invite.id : content.change.inviteId);
    }
    if (content.kind !== "place") return;
    const { change } = content;
    this.people.add(change.what === "joined" ? change.place.userId : change.userId);
    if (change.what === "joined" && change.inviteId !== null) this.invites.add(change.inviteId);
  }
}

/** Whom a record of the waiting room concerns. */
export function knockersIn(change: Extract<RecordContent, { kind: "knock" }>["change"]): readonly string[] {
  if (change.what === "asked") return [change.knock.userId];
  return change.what === "lapsed" ? change.userIds : [change.userId];
}

/** Somebody who is no member, or is taken for none. */
export interface Outsider {
  readonly userId: string;
  /** the campaign's removal that took them out last, by its number from 1; 0: none did */
  readonly removal: number;
}

/** Whether an invite was made before somebody was taken out of the campaign: it admits them no more. */
function isOlder({ removalsBefore }: Invite, { removal }: Outsider): boolean {
  return removalsBefore < removal;
}

/** Whether an invite admits anybody, and this person: it is not revoked, and not older than their removal. */
function isStillFor(invite: Invite | undefined, person: Outsider): boolean {
  return invite !== undefined && invite.revokedAt === null && !isOlder(invite, person);
}

/** Whether somebody may come back without an invite: they came by one that still is for them, and are not banned. */
export function isInvitee(list: AccessList, person: Outsider): boolean {
  const invitee = list.invitees.get(person.userId);
  if (invitee === undefined || list.banned.has(person.userId)) return false;
  return isStillFor(list.invites.get(invitee.inviteId), person);
}

/**
 * Whether somebody who is no member came in as one, or by an invite that is older than their removal. (A revoked invite is
 * another matter: by itself it puts nobody out.)
 */
export function isOutBy(list: AccessList, via: Via, person: Outsider): boolean {
  const invite = list.invites.get(inviteIdIn(via) ?? "");
  return invite === undefined || isOlder(invite, person);
}

/**
 * Whether an invite lets this person in now: still for them, not expired, and either they are counted for it already or a
 * use is left. Says nothing of bans.
 * @param reservedUses uses promised to other people who are on their way in
 */
export function inviteUsable(
  list: AccessList,
  invite: Invite,
  person: Outsider,
  now: number,
  reservedUses = 0,
): boolean {
  if (!isStillFor(invite, person) || invite.expiresAt <= now) return false;
  return isCountedFor(list, invite.id, person.userId) || invite.uses + reservedUses < invite.maxUses;
}

/** Whether an invite counts this person as a use already. */
export function isCountedFor(list: AccessList, inviteId: string, userId: string): boolean {
  return list.invitees.get(userId)?.used.includes(inviteId) ?? false;
}
