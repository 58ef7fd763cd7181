import type { Settings, Status } from "../core/session.ts";

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

/** A page of a list; `nextCursor` is opaque, null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A cursor that was not made by this store. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

/** Look-ups over all sessions. Written by `SessionLog.append` alone. All methods may throw `StoreUnavailable`. */
export interface Sessions {
  find(sessionId: string): Promise<SessionRow | undefined>;

  /** Newest first (by `createdAt`, then id). @throws BadCursor */
  list(
    campaignId: string,
    query: { readonly status?: Status; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SessionRow>>;

  /** The session to which an invite's token leads, by the token's SHA-256 (hex). */
  findByInvite(tokenHash: string): Promise<string | undefined>;
}
