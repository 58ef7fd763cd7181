import { chain } from "../../src/core/audit.ts";
import {
  type AuditNote,
  type Change,
  type CommittedCommand,
  type LogRecord,
  RECORD_FORMAT,
  type RecordContent,
} from "../../src/core/record.ts";
import type { Invite, Knock, Place, Role, Via } from "../../src/core/session.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { SessionState } from "../../src/core/state.ts";

export const START = Date.UTC(2026, 4, 1, 19);

export type Content<K extends RecordContent["kind"]> = Extract<RecordContent, { kind: K }>;

/** An event without its time, which is that of its record. `by` is the actor, null for the system. */
export interface Said {
  readonly kind: AuditNote["kind"];
  readonly by: string | null;
  readonly data?: AuditNote["data"];
}

/** Writes a session's log record by record, as a host does, and keeps the state that they give. */
export class WrittenLog {
  readonly state: SessionState;
  readonly records: LogRecord[] = [];
  /** ms since 1970 */
  now = START;

  constructor(sessionId = "s1") {
    this.state = new SessionState(sessionId);
  }

  /** A log that begins with `created`, by `gm`, of 4 places. */
  static begun(created: Partial<Content<"created">> = {}, sessionId = "s1"): WrittenLog {
    const log = new WrittenLog(sessionId);
    const plain = {
      campaignId: "c1",
      title: "Evening",
      maxParticipants: 4,
      settings: DEFAULT_SETTINGS,
      createdBy: "gm",
    };
    log.write({ kind: "created", ...plain, ...created }, [{ kind: "session.created", by: "gm" }]);
    return log;
  }

  /** The record that would come next. */
  next(content: RecordContent, said: readonly Said[] = [], more: Partial<LogRecord> = {}): LogRecord {
    let { auditCount, auditHead } = this.state;
    const audit = said.map(({ kind, by, data = {} }) => {
      const actor = { userId: by, via: by === null ? ("system" as const) : ("member" as const) };
      const event = chain(auditCount, auditHead, { kind, at: this.now, actor, data });
      auditCount = event.n;
      auditHead = event.hash;
      return event;
    });
    const { pos, epoch, sessionId } = this.state;
    const id = `r${pos + 1}`;
    return { v: RECORD_FORMAT, sessionId, pos: pos + 1, id, epoch, at: this.now, content, audit, ...more };
  }

  write(content: RecordContent, said: readonly Said[] = [], more: Partial<LogRecord> = {}): LogRecord {
    const record = this.next(content, said, more);
    this.state.apply(record);
    this.records.push(record);
    return record;
  }

  after(seconds: number): this {
    this.now += seconds * 1000;
    return this;
  }

  opened(process: string, said: readonly Said[] = []): LogRecord {
    return this.write({ kind: "opened", process }, said, { epoch: this.state.epoch + 1 });
  }

  command(userId: string, changes: readonly Change[], more: Partial<CommittedCommand> = {}): LogRecord {
    const seq = this.state.seq + 1;
    const command = { seq, at: this.now, userId, id: `id${seq}`, action: "set", changes, ...more };
    return this.write({ kind: "commands", commands: [command] });
  }

  joined(userId: string, by: { inviteId?: string | null; role?: Role; via?: Via } = {}): LogRecord {
    const { inviteId = null, role = "player", via = inviteId === null ? "member" : `invite:${inviteId}` } = by;
    const place: Place = { userId, name: `${userId}!`, role, via, joinedAt: this.now };
    const change = { what: "joined", place, inviteId } as const;
    return this.write({ kind: "place", change }, [{ kind: "participant.joined", by: userId }]);
  }

  invited(id: string, more: Partial<Invite> = {}): Invite {
    const { now } = this;
    const open = { role: "player", label: null, maxUses: 1, uses: 0, revokedAt: null, createdBy: "gm" } as const;
    const times = { createdAt: now, expiresAt: now + 3_600_000, removalsBefore: 0 };
    const invite: Invite = { id, ...open, ...times, tokenHash: `hash of ${id}`, ...more };
    this.write({ kind: "invite", change: { what: "created", invite } }, [{ kind: "invite.created", by: "gm" }]);
    return invite;
  }

  /** Somebody asks to come in, as a member of the campaign unless said otherwise. */
  knocked(userId: string, more: Partial<Knock> = {}): LogRecord {
    const asked = { name: `${userId}!`, role: "player", via: "member", since: this.now, message: "" } as const;
    const unanswered = { status: "waiting", answeredAt: 0, reason: null, removal: 0, joined: false } as const;
    const knock: Knock = { userId, ...asked, ...unanswered, passing: false, ...more };
    return this.write({ kind: "knock", change: { what: "asked", knock } });
  }

  admitted(userId: string): LogRecord {
    const said = { kind: "participant.admitted", by: "gm", data: { userId } } as const;
    return this.write({ kind: "knock", change: { what: "admitted", userId } }, [said]);
  }

  denied(userId: string, reason: string | null = null): LogRecord {
    const said = { kind: "participant.denied", by: "gm", data: { userId } } as const;
    return this.write({ kind: "knock", change: { what: "denied", userId, reason } }, [said]);
  }

  /** An event of the second lane, in a record of its own. */
  happened(kind: AuditNote["kind"], by: string | null, data: AuditNote["data"] = {}): LogRecord {
    return this.write({ kind: "audit" }, [{ kind, by, data }]);
  }
}
