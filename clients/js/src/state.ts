/** The session's state as plain data (contract, section 4). Times are ms since 1970. */
export interface SessionState {
  readonly sessionId: string;
  readonly campaignId: string;
  readonly title: string;
  readonly status: Status;
  readonly statusSince: number;
  /** user id */
  readonly statusBy: string;
  readonly statusReason: string;
  /** commands committed so far, over the session's whole life */
  readonly seq: number;
  readonly digest: string;
  /** the seq that `digest` is for */
  readonly digestSeq: number;
  /** key = user id */
  readonly participants: ReadonlyMap<string, Participant>;
  /** key = path; what every participant may see */
  readonly entries: ReadonlyMap<string, Entry>;
  /** key = path; what only this person (and the GMs) may see */
  readonly hidden: ReadonlyMap<string, Entry>;
  /** key = user id; for GMs only */
  readonly connections: ReadonlyMap<string, ConnectionInfo>;
  /** key = user id, who waits to be admitted; for GMs only */
  readonly knocks: ReadonlyMap<string, Knock>;
}

export type Status = "created" | "live" | "paused" | "ended";
export type Role = "gm" | "player" | "spectator";
export type Presence = "online" | "idle" | "disconnected";
export type Activity = "none" | "typing" | "rolling" | "acting";

export interface Participant {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly presence: Presence;
  readonly activity: Activity;
  readonly joinedAt: number;
  readonly lastSeenAt: number;
  /** 0 unless disconnected */
  readonly reconnectUntil: number;
}

export interface Entry {
  /** JSON text */
  readonly value: string;
  /** the seq of the command that last changed it */
  readonly version: number;
  /** user id */
  readonly by: string;
}

export interface ConnectionInfo {
  readonly connections: number;
  readonly streams: number;
  /** -1 = unknown */
  readonly latencyMs: number;
  readonly reconnects: number;
  /** 0 = never */
  readonly droppedAt: number;
  readonly client: string;
}

/** Somebody who waits to be admitted. */
export interface Knock {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly message: string;
  readonly since: number;
}
