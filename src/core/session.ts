/** The nouns of a session, as plain immutable data. */

export type Role = "gm" | "player" | "spectator";
export type InviteRole = "player" | "spectator";
export type Status = "created" | "live" | "paused" | "ended";
/** How somebody is in, or acts: as a member of the campaign, by an invite, or the server itself. */
export type Via = "member" | `invite:${string}` | "system";

/** Whole seconds, unless said. Bounds and defaults: contract section 2, kept in `settings.ts`. */
export interface Settings {
  readonly reconnectWindow: number;
  readonly idleAfter: number;
  readonly snapshotEvery: number;
  readonly activityTimeout: number;
  readonly autoPauseWhenNoGm: number;
  /** a number of sockets, not seconds */
  readonly connectionsPerParticipant: number;
  /** `approve`: whoever is no GM and has no place waits until a GM admits them */
  readonly admission: "open" | "approve";
}

/** One shared value of a session. `value` is JSON text; `version` the seq of the command that last changed it. */
export interface Entry {
  readonly value: string;
  readonly version: number;
  /** user id */
  readonly by: string;
}

/** A person's place in a session: people, not connections. Times are ms since 1970. */
export interface Place {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly via: Via;
  readonly joinedAt: number;
}

export interface Invite {
  readonly id: string;
  readonly role: InviteRole;
  readonly label: string | null;
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly createdAt: number;
  readonly createdBy: string;
  /** members that the campaign had taken out by then: who was taken out by a later removal is not admitted by it */
  readonly removalsBefore: number;
  /** SHA-256 of the token, hex; the token itself is never stored */
  readonly tokenHash: string;
}

/** Somebody who came by an invite once: they come back without sending it. */
export interface Invitee {
  /** the invite by which they are in now */
  readonly inviteId: string;
  readonly role: InviteRole;
  /** every invite of which they are counted as a use, that one included: an invite counts a person once */
  readonly used: readonly string[];
}

/** Somebody who asked to come in, and what a GM answered. Times are ms since 1970. */
export interface Knock {
  readonly userId: string;
  readonly status: "waiting" | "admitted" | "denied";
  readonly name: string;
  readonly role: Role;
  /** by what they may ask */
  readonly via: Via;
  /** when they asked */
  readonly since: number;
  /** what they said; empty where they said nothing, or were admitted */
  readonly message: string;
  /** when they were answered; 0 while they wait */
  readonly answeredAt: number;
  /** of a denial, if one was given */
  readonly reason: string | null;
  /** the campaign's removal that had taken them out last: a later one takes back that they were admitted */
  readonly removal: number;
  /** whether they have come in since they were admitted */
  readonly joined: boolean;
  /** whether what admitted them was that everybody may come in: void when that ends, unless they have joined by then */
  readonly passing: boolean;
}

/** Who acts: the user of an authenticated connection or request, never what a message says. */
export interface Actor {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly via: Via;
}
