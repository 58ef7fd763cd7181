import type { LiveMap, LiveState } from "./room.ts";
import type { ConnectionInfo, Entry, Knock, Participant, SessionState, Status } from "./state.ts";

/** What a patch changed: for each key, what stood there before (undefined: nothing). */
export interface Changes {
  readonly entries: ReadonlyMap<string, Entry | undefined>;
  readonly hidden: ReadonlyMap<string, Entry | undefined>;
  readonly participants: ReadonlyMap<string, Participant | undefined>;
  readonly connections: ReadonlyMap<string, ConnectionInfo | undefined>;
  readonly knocks: ReadonlyMap<string, Knock | undefined>;
  /** the status before, undefined where it is the same, since when, by whom and why included */
  readonly status: Status | undefined;
}

const STATUS_FIELDS = ["status", "statusSince", "statusBy", "statusReason"] as const;
const ENTRY_FIELDS = ["value", "version", "by"] as const;
const PARTICIPANT_FIELDS = [
  "userId",
  "name",
  "role",
  "presence",
  "activity",
  "joinedAt",
  "lastSeenAt",
  "reconnectUntil",
] as const;
const CONNECTION_FIELDS = ["connections", "streams", "latencyMs", "reconnects", "droppedAt", "client"] as const;
const KNOCK_FIELDS = ["userId", "name", "role", "message", "since"] as const;

/** The session's state as plain data that outlives a room: what the last room mirrored, until the next one differs. */
export class Replica implements SessionState {
  sessionId = "";
  campaignId = "";
  title = "";
  status: Status = "created";
  statusSince = 0;
  statusBy = "";
  statusReason = "";
  seq = 0;
  digest = "";
  digestSeq = 0;
  readonly participants = new Map<string, Participant>();
  readonly entries = new Map<string, Entry>();
  readonly hidden = new Map<string, Entry>();
  readonly connections = new Map<string, ConnectionInfo>();
  readonly knocks = new Map<string, Knock>();

  /** Becomes what the room mirrors now. What stays the same stays the same object. */
  absorb(live: LiveState): Changes {
    const statusBefore = this.status;
    const isSameStatus = STATUS_FIELDS.every((field) => this[field] === live[field]);
    this.sessionId = live.sessionId;
    this.campaignId = live.campaignId;
    this.title = live.title;
    this.status = live.status;
    this.statusSince = live.statusSince;
    this.statusBy = live.statusBy;
    this.statusReason = live.statusReason;
    this.seq = live.seq;
    this.digest = live.digest;
    this.digestSeq = live.digestSeq;
    return {
      status: isSameStatus ? undefined : statusBefore,
      participants: copyChanged(live.participants, this.participants, PARTICIPANT_FIELDS),
      entries: copyChanged(live.entries, this.entries, ENTRY_FIELDS),
      hidden: copyChanged(live.hidden, this.hidden, ENTRY_FIELDS),
      connections: copyChanged(live.connections, this.connections, CONNECTION_FIELDS),
      knocks: copyChanged(live.knocks, this.knocks, KNOCK_FIELDS),
    };
  }
}

function copyChanged<Value extends object>(
  live: LiveMap<Value> | undefined,
  plain: Map<string, Value>,
  fields: readonly (keyof Value)[],
): Map<string, Value | undefined> {
  const changed = new Map<string, Value | undefined>();
  live?.forEach((value, key) => {
    const before = plain.get(key);
    if (before !== undefined && fields.every((field) => before[field] === value[field])) return;
    changed.set(key, before);
    plain.set(key, Object.fromEntries(fields.map((field) => [field, value[field]])) as Value);
  });
  if (plain.size > (live?.size ?? 0)) {
    for (const [key, before] of plain) {
      if (live?.has(key)) continue;
      changed.set(key, before);
      plain.delete(key);
    }
  }
  return changed;
}
