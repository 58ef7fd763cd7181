import type { AuditEvent, CommandTrace } from "../../core/record.ts";
import type { Campaign } from "../../ports/campaigns.ts";
import type { Lease } from "../../ports/leases.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { StoredSnapshot } from "../../ports/snapshots.ts";

/** A position of a log. Text, not objects: what is read is what JSON keeps, and no caller can change it afterwards. */
export interface StoredPosition {
  readonly id: string;
  readonly epoch: number;
  readonly at: number;
  readonly kind: string;
  /** the record as JSON; null once trimmed */
  json: string | null;
  readonly events: readonly AuditEvent[];
  readonly traces: readonly CommandTrace[];
}

/** What outlives one opening of the memory stores: hand the same backing to `openMemoryStores` to "restart". */
export interface MemoryBacking {
  /** by session; index = pos - 1 */
  readonly logs: Map<string, StoredPosition[]>;
  readonly rows: Map<string, SessionRow>;
  /** sessions of which no content is kept any more */
  readonly contentGone: Set<string>;
  /** token hash → session */
  readonly invites: Map<string, string>;
  /** session → position → snapshot */
  readonly snapshots: Map<string, Map<number, StoredSnapshot>>;
  readonly campaigns: Map<string, Campaign>;
  readonly leases: Map<string, Lease>;
  /** process → ms since 1970 */
  readonly beats: Map<string, number>;
}

export function emptyBacking(): MemoryBacking {
  return {
    logs: new Map(),
    rows: new Map(),
    contentGone: new Set(),
    invites: new Map(),
    snapshots: new Map(),
    campaigns: new Map(),
    leases: new Map(),
    beats: new Map(),
  };
}
