import type { Entry, Invite, Knock, Place, Role, Settings, Status, Via } from "./session.ts";

/**
 * The format of a stored record. Older ones are upgraded as they are read (`record-upgrades.ts`), newer ones refused. A
 * new kind of record is a new format: a program that does not know it must not read past it.
 */
export const RECORD_FORMAT = 3;

/** Contract section 2, AuditEvent. Never session content, tokens, or reasons beyond a pause's or a removal's. */
export type AuditKind =
  | "session.created"
  | "session.started"
  | "session.paused"
  | "session.resumed"
  | "session.ended"
  | "session.updated"
  | "session.restored"
  | "invite.created"
  | "invite.revoked"
  | "participant.joined"
  | "participant.dropped"
  | "participant.reconnected"
  | "participant.idle"
  | "participant.online"
  | "participant.left"
  | "participant.removed"
  | "participant.banned"
  | "participant.unbanned"
  | "participant.role"
  | "participant.admitted"
  | "participant.denied"
  | "connection.closed"
  | "stream.opened"
  | "stream.closed"
  | "host.changed";

export interface AuditActor {
  /** null for `system` */
  readonly userId: string | null;
  readonly via: Via;
}

/** What an event says before the chain gives it its number and hash. `at` is ms since 1970. */
export interface AuditNote {
  readonly kind: AuditKind;
  readonly at: number;
  readonly actor: AuditActor;
  readonly data: { readonly [key: string]: string | number | boolean | null };
}

/** An event of the hash chain, in the very form that is hashed and answered over HTTP. `at` is ISO 8601 UTC. */
export interface AuditEvent {
  readonly n: number;
  readonly at: string;
  readonly kind: AuditKind;
  readonly actor: AuditActor;
  readonly data: AuditNote["data"];
  readonly prev: string;
  readonly hash: string;
}

/** One entry after a command: its new JSON text, or null where it is gone. */
export type Change = readonly [path: string, value: string | null];

/** A command as it was accepted. Its `changes` get `version: seq` and `by: userId`. */
export interface CommittedCommand {
  readonly seq: number;
  readonly at: number;
  readonly userId: string;
  /** the client's id */
  readonly id: string;
  readonly action: string;
  readonly changes: readonly Change[];
  /** JSON text, at most 1 KiB */
  readonly result?: string;
}

/** What happened, in the past tense. A session is the fold of these, in the order of `pos`. */
export type RecordContent =
  | {
      readonly kind: "created";
      readonly campaignId: string;
      readonly title: string;
      readonly maxParticipants: number;
      readonly settings: Settings;
      readonly createdBy: string;
      /** `continueFrom`: what seq 1 brought, each entry with its former author */
      readonly continued?: readonly (readonly [path: string, value: string, by: string])[];
    }
  | {
      readonly kind: "opened";
      /** the process that hosts from here on */
      readonly process: string;
    }
  | { readonly kind: "commands"; readonly commands: readonly CommittedCommand[] }
  | { readonly kind: "status"; readonly status: Status; readonly by: string; readonly reason: string }
  | {
      readonly kind: "place";
      readonly change:
        | { readonly what: "joined"; readonly place: Place; readonly inviteId: string | null }
        | { readonly what: "left"; readonly userId: string }
        | { readonly what: "removed"; readonly userId: string; readonly ban: boolean }
        | { readonly what: "unbanned"; readonly userId: string }
        | {
            readonly what: "role";
            readonly userId: string;
            readonly role: Role;
            readonly name: string;
            readonly via: Via;
          };
    }
  | {
      readonly kind: "settings";
      readonly title?: string;
      readonly maxParticipants?: number;
      readonly settings?: Partial<Settings>;
    }
  | {
      readonly kind: "invite";
      readonly change:
        | { readonly what: "created"; readonly invite: Invite }
        | { readonly what: "revoked"; readonly inviteId: string };
    }
  | {
      readonly kind: "knock";
      readonly change:
        | {
            /** somebody asks to come in, or says more, or is somebody else by now */
            readonly what: "asked";
            readonly knock: Knock;
          }
        | { readonly what: "admitted"; readonly userId: string }
        | { readonly what: "denied"; readonly userId: string; readonly reason: string | null }
        | {
            /** what let them ask is gone */
            readonly what: "lapsed";
            readonly userIds: readonly string[];
          };
    }
  | {
      /** the content of an ended session: its entries and the answers to its commands. What is left is its metadata. */
      readonly kind: "forgotten";
    }
  | { readonly kind: "audit" };

const KINDS = {
  created: true,
  opened: true,
  commands: true,
  status: true,
  place: true,
  settings: true,
  invite: true,
  knock: true,
  forgotten: true,
  audit: true,
} as const satisfies Record<RecordContent["kind"], true>;

/** Whether this program knows what such a record means. */
export function isKnownKind(kind: unknown): kind is RecordContent["kind"] {
  return typeof kind === "string" && Object.hasOwn(KINDS, kind);
}

/** One position of a session's log: stored whole, with its audit events, or not at all. */
export interface LogRecord {
  readonly v: typeof RECORD_FORMAT;
  readonly sessionId: string;
  /** from 1, without gaps */
  readonly pos: number;
  /** random; by it a writer recognises its own record after an unknown outcome */
  readonly id: string;
  /** of the host that wrote it; rises with every `opened` */
  readonly epoch: number;
  /** ms since 1970 */
  readonly at: number;
  readonly content: RecordContent;
  readonly audit: readonly AuditEvent[];
  /** sockets opened since the record before, by user id: for attendance, not for the audit trail */
  readonly sockets?: { readonly [userId: string]: number };
}

/** What of a record a trim forgets. */
export type RecordBody = Pick<LogRecord, "v" | "content" | "sockets">;

/** Who did which command, without path or value: what stays when content is trimmed. */
export interface CommandTrace {
  readonly seq: number;
  readonly at: number;
  readonly userId: string;
  readonly action: string;
}

/** The traces that a record carries; a continuation is the one command `continue`. */
export function tracesOf(record: LogRecord): CommandTrace[] {
  const { content } = record;
  if (content.kind === "commands") {
    return content.commands.map(({ seq, at, userId, action }) => ({ seq, at, userId, action }));
  }
  if (content.kind === "created" && content.continued !== undefined && content.continued.length > 0) {
    return [{ seq: 1, at: record.at, userId: content.createdBy, action: "continue" }];
  }
  return [];
}

export type EntryPair = readonly [path: string, entry: Entry];
