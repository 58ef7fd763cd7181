import type { PersonFacts } from "../core/access-list.ts";
import type { Invite, Settings, Status } from "../core/session.ts";

/** A session as lists show it. A projection of its log, mended whenever the session is opened. Times: ms since 1970. */
export interface SessionRow {
  readonly sessionId: string;
  readonly campaignId: string;
  readonly title: string;
  readonly status: Status;
  readonly maxParticipants: number;
  readonly settings: Settings;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** What a session says of one person. Stays once there is one; a later record's takes its place. */
export interface PersonRow extends PersonFacts {
  readonly userId: string;
}

/** People and invites of a session. */
export interface AccessRows {
  readonly people: readonly PersonRow[];
  readonly invites: readonly Invite[];
}

/** A session as it is known at its door. */
export interface SessionAccess {
  readonly row: SessionRow;
  /** false: a former program noted nothing of people and invites, which are to be learned from the log */
  readonly isLearned: boolean;
  /** undefined: nothing is known of them */
  readonly person: PersonRow | undefined;
  /** those by which they are in, by which they asked to be, and that they bring, as far as the session has them */
  readonly invites: readonly Invite[];
}

/** A page of a list; `nextCursor` is opaque, null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A cursor that was not made by this store. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

/** An ended session's place among them: by rising `endedAt` (ms since 1970), then id. */
export interface EndedSession {
  readonly sessionId: string;
  readonly endedAt: number;
}

/**
 * Look-ups over all sessions. Written by `SessionLog.append`, but for what `contentGone` and `learn` note. All methods
 * may throw `StoreUnavailable`, these two also `OutcomeUnknown`.
 */
export interface Sessions {
  find(sessionId: string): Promise<SessionRow | undefined>;

  /** Newest first (by `createdAt`, then id). @throws BadCursor */
  list(
    campaignId: string,
    query: { readonly status?: Status; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SessionRow>>;

  /** The session to which an invite's token leads, by the token's SHA-256 (hex). */
  findByInvite(tokenHash: string): Promise<string | undefined>;

  /**
   * What says whether somebody may know of a session and come in, without its content. Costs the same whether there is
   * such a session or not.
   * @param inviteHash SHA-256 (hex) of the token that they bring, if any
   */
  access(sessionId: string, userId: string, inviteHash?: string): Promise<SessionAccess | undefined>;

  /** Invites of a session, in the order in which they were made. */
  invitesOf(sessionId: string): Promise<Invite[]>;

  /**
   * Ids of sessions of whose people and invites a former program noted nothing, in their order, at most `limit`. Costs
   * what it yields.
   * @param after those behind this one alone; empty: from the first
   */
  unlearned(after: string, limit: number): Promise<string[]>;

  /**
   * Notes all people and invites of such a session, as they are after the record at `pos`. What was noted of a later
   * record stays.
   */
  learn(sessionId: string, rows: AccessRows, pos: number): Promise<void>;

  /**
   * Sessions that ended at `endedBy` (ms since 1970) or before and of which content may still be stored, in their order.
   * Costs what it yields, however many sessions there are.
   * @param after those behind this one alone
   */
  endedWithContent(endedBy: number, limit: number, after?: EndedSession): Promise<EndedSession[]>;

  /**
   * Ids of live sessions whose `autoPauseWhenNoGm` is not 0, in their order, at most `limit`. Costs what it yields.
   * @param after those behind this one alone; empty: from the first
   */
  liveWithAutoPause(after: string, limit: number): Promise<string[]>;

  /** Notes for good that no content of an ended session is stored any more: `endedWithContent` names it no longer. */
  contentGone(sessionId: string): Promise<void>;
}
