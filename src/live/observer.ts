import type { LogRecord } from "../core/record.ts";
import type { Member } from "../ports/campaigns.ts";

/** Why somebody's sockets and streams are closed by the server, for good. */
export type Eviction = "removed" | "banned" | "access_revoked";

/** Why a running session is closed. */
export type Closing = "host_moved" | "session_ended" | "server_restarting" | "idle";

/** Somebody who shows a running session: its room, its streams. */
export interface SessionObserver {
  /**
   * These records are durable and the committed state has them.
   * @returns undefined where viewers have been sent what changed, else a promise of that; it never rejects
   */
  committed(records: readonly LogRecord[]): Promise<void> | undefined;
  /** The presence lane: how these people are there has changed, or what there is to say of their connections. */
  peopleChanged(userIds: ReadonlySet<string>): void;
  evicted(userId: string, why: Eviction): void;
  /**
   * Somebody's membership of the campaign changed, undefined: they have none any more; also of people without a place.
   * For whoever shows the session to such people. What it means for those with a place comes as records and evictions.
   */
  memberChanged?(userId: string, member: Member | undefined): void;
  /** Nothing more will be shown. Resolves when everybody has been told. */
  closed(why: Closing): Promise<void>;
}
