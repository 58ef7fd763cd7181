/** What HTTP answers: contract, section 2. Times are ISO 8601 UTC. */
export type Role = "gm" | "player" | "spectator";
export type Status = "created" | "live" | "paused" | "ended";

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly userId: string;
  readonly name: string | null;
  readonly role: Role;
}

export interface Session {
  readonly id: string;
  readonly campaignId: string;
  readonly title: string;
  readonly status: Status;
  readonly maxParticipants: number;
  readonly settings: Settings;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly online: number;
}

/** Whole seconds, but for `connectionsPerParticipant` and `admission`. */
export interface Settings {
  readonly reconnectWindow: number;
  readonly idleAfter: number;
  readonly snapshotEvery: number;
  readonly activityTimeout: number;
  readonly autoPauseWhenNoGm: number;
  readonly connectionsPerParticipant: number;
  /** absent where the server has no waiting room */
  readonly admission?: "open" | "approve";
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface Invite {
  readonly id: string;
  readonly role: Role;
  readonly label: string | null;
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface NewInvite extends Invite {
  readonly token: string;
  readonly url: string;
}

export interface InvitePreview {
  readonly sessionId: string;
  readonly campaignName: string;
  readonly sessionTitle: string;
  readonly status: Status;
  readonly role: Role;
  readonly expiresAt: string;
  readonly usesLeft: number;
}

export interface History {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly liveSeconds: number;
  readonly pausedSeconds: number;
  readonly participants: readonly Attendee[];
  readonly events: number;
}

export interface Attendee {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly via: string;
  readonly firstJoinedAt: string;
  readonly lastSeenAt: string;
  readonly onlineSeconds: number;
  readonly connections: number;
}

export interface AuditEvent {
  readonly n: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: { readonly userId: string | null; readonly via: string };
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
  readonly prev: string;
  readonly hash: string;
}

export interface Verdict {
  readonly valid: boolean;
  readonly count: number;
  readonly firstBrokenAt: number | null;
  readonly head: string;
}
