import type { LogRecord } from "../core/record.ts";

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
  /** Nothing more will be shown. Resolves when everybody has been told. */
  closed(why: Closing): Promise<void>;
}
