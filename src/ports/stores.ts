import type { Archive } from "./archive.ts";
import type { Backups } from "./backups.ts";
import type { Campaigns } from "./campaigns.ts";
import type { Leases } from "./leases.ts";
import type { SessionLog } from "./log.ts";
import type { Sessions } from "./sessions.ts";
import type { Snapshots } from "./snapshots.ts";
import type { KeptTickets } from "./stream-tickets.ts";

/** Everything a process keeps, behind one door. */
export interface Stores {
  readonly log: SessionLog;
  readonly snapshots: Snapshots;
  readonly sessions: Sessions;
  readonly campaigns: Campaigns;
  readonly leases: Leases;
  readonly tickets: KeptTickets;
  readonly archive: Archive;
  /** null: the store is not this process' own, and has its own tools for that */
  readonly backups: Backups | null;
  /** Resolves when the store answers and can write. @throws StoreUnavailable */
  check(): Promise<void>;
  /**
   * Makes sure that what was trimmed and dropped before is gone from the store's files too, not only out of reach.
   * @throws StoreUnavailable
   */
  scrub(): Promise<void>;
  /** Waits for what is under way, then lets go. */
  close(): Promise<void>;
}
