import type { PersonFacts } from "../../core/access-list.ts";
import type { AuditEvent, CommandTrace } from "../../core/record.ts";
import type { Invite } from "../../core/session.ts";
import type { Campaign } from "../../ports/campaigns.ts";
import type { Lease, ProcessBeat } from "../../ports/leases.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { StoredSnapshot } from "../../ports/snapshots.ts";
import type { KeptTicket } from "../../ports/stream-tickets.ts";

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

/** `pos`: of the record after which it holds. */
export interface StoredPerson {
  readonly pos: number;
  readonly facts: PersonFacts;
}

/** `invite` null: a former program noted where its token leads, and nothing else. */
export interface StoredInvite {
  readonly sessionId: string;
  readonly pos: number;
  readonly invite: Invite | null;
}

export interface StoredBeat {
  readonly beat: ProcessBeat;
  readonly isTakenForDead: boolean;
  readonly isRetired: boolean;
}

/** What outlives one opening of the memory stores: hand the same backing to `openMemoryStores` to "restart". */
export interface MemoryBacking {
  /** by session; index = pos - 1 */
  readonly logs: Map<string, StoredPosition[]>;
  readonly rows: Map<string, SessionRow>;
  /** sessions of which no content is kept any more */
  readonly contentGone: Set<string>;
  /** session → user → what is noted of them */
  readonly people: Map<string, Map<string, StoredPerson>>;
  /** token hash → what is noted of the invite */
  readonly invites: Map<string, StoredInvite>;
  /** sessions of which people and invites are noted */
  readonly learned: Set<string>;
  /** session → position → snapshot */
  readonly snapshots: Map<string, Map<number, StoredSnapshot>>;
  readonly campaigns: Map<string, Campaign>;
  /** campaign → user → the removal that took them out last */
  readonly formerMembers: Map<string, Map<string, number>>;
  /** campaign → user, of those that a user created */
  readonly creators: Map<string, string>;
  readonly leases: Map<string, Lease>;
  /** by the hash of the ticket */
  readonly tickets: Map<string, KeptTicket>;
  /** by process; those that are retired too */
  readonly beats: Map<string, StoredBeat>;
  /** by name */
  readonly facts: Map<string, string>;
}

export function emptyBacking(): MemoryBacking {
  return {
    logs: new Map(),
    rows: new Map(),
    contentGone: new Set(),
    people: new Map(),
    invites: new Map(),
    learned: new Set(),
    snapshots: new Map(),
    campaigns: new Map(),
    formerMembers: new Map(),
    creators: new Map(),
    leases: new Map(),
    tickets: new Map(),
    beats: new Map(),
    facts: new Map(),
  };
}
