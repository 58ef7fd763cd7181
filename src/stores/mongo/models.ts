import { type Connection, type Model, type mongo, type Query, Schema, type Types } from "mongoose";
import type { PersonFacts } from "../../core/access-list.ts";
import type { Invite, Role, Settings, Status } from "../../core/session.ts";
import type { Member } from "../../ports/campaigns.ts";
import type { TicketHolder } from "../../ports/stream-tickets.ts";
import { QUERY_WITHIN_MS } from "./answer.ts";

/** The format of what this program writes; kept in the database, which a newer program's format keeps us out of. */
export const STORE_FORMAT = 4;

/** What a record keeps when its content is trimmed. `audit` and `traces`: JSON arrays, absent where empty. */
export interface RecordHead {
  id: string;
  epoch: number;
  /** ms since 1970 */
  at: number;
  kind: string;
  audit?: string;
  traces?: string;
  /** over the record as it is stored (stores/stored-record.ts); documents of format 1 have none */
  crc32?: number;
}

/**
 * The records of one append, or of several of the same session that shared a commit: positions `pos` to `lastPos`.
 * Why a document holds them all: docs/decisions/0007-mongo-log.md.
 */
export interface LogDocument {
  _id: Types.ObjectId;
  v: number;
  sessionId: string;
  pos: number;
  lastPos: number;
  records: RecordHead[];
  /** JSON text of `{v, content, sockets}` per record, null where trimmed; absent where all are, or where there are parts */
  bodies?: (string | null)[];
  /** over so many parts the bodies are spread, where a document could not hold them */
  parts?: number;
  /** the last audit event's number, the last command's seq; absent where there is none */
  lastN?: number;
  lastSeq?: number;
}

/** A piece of bytes that one document could not hold, at most 4 MiB. `_id`: the whole's id, a dash, its number. */
export interface PartDocument {
  _id: string;
  sessionId: string;
  /** the whole that it belongs to: a log document's id, or a snapshot's save */
  whole: string;
  /** ms since 1970 */
  at: number;
  bytes: Buffer | mongo.Binary;
}

/** Up to where a log is trimmed: `through` is hidden, `cleared` (whole documents) is gone. */
export interface TrimDocument {
  _id: string;
  through: number;
  cleared: number;
}

/** `pos`: of the record after which the session is as the row says. */
export interface SessionDocument {
  _id: string;
  pos: number;
  campaignId: string;
  title: string;
  status: Status;
  maxParticipants: number;
  settings: Settings;
  createdBy: string;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  /** absent as long as content of it may be stored */
  contentGone?: true;
  /** absent as long as its people and invites were not noted */
  learned?: true;
}

/** What a session says of a person. `_id`: session and user; `pos`: of the record after which it holds. */
export interface PersonDocument {
  _id: string;
  sessionId: string;
  userId: string;
  pos: number;
  facts: Partial<PersonFacts>;
}

/** `_id`: SHA-256 (hex) of the invite's token; former programs noted where it leads, and nothing else */
export interface InviteDocument {
  _id: string;
  sessionId: string;
  /** of the record after which `invite` holds */
  pos?: number;
  invite?: Invite;
}

export interface SnapshotDocument {
  _id: Types.ObjectId;
  sessionId: string;
  pos: number;
  sha256: string;
  saveId: string;
  parts: number;
}

/** `revision` rises with every change, which is how a change finds out that another came in between. */
export interface CampaignDocument {
  _id: string;
  name: string;
  createdAt: number;
  members: Member[];
  /** absent where nobody was taken out yet */
  removals?: number;
  revision: number;
  /** who created it, where that counts */
  createdBy?: string;
  /** sessions on their way to their first record */
  creating?: Creating[];
}

/** `_id`: a user. Campaigns that they create are decided on one at a time, by `revision`. */
export interface CreatorDocument {
  _id: string;
  revision: number;
  creating: Creating[];
}

/** What was decided on and may not be found yet: it counts as if it were there. */
export interface Creating {
  readonly id: string;
  /** ms since 1970 */
  readonly at: number;
}

/** Somebody who was taken out of a campaign. `_id`: campaign and user; `removal`: by which of its removals, the last one. */
export interface FormerMemberDocument {
  _id: string;
  campaignId: string;
  userId: string;
  removal: number;
}

/** A ticket for a stream. `_id`: its SHA-256 (hex); `expiresAt`: of its holder's token. */
export interface TicketDocument {
  _id: string;
  sessionId: string;
  holder: TicketHolder;
  expiresAt: number;
  goodUntil: number;
  openIn?: string | null;
  uses: number;
}

export interface LeaseDocument {
  _id: string;
  processId: string;
  epoch: number;
}

/** `_id`: a process. Former programs noted `beatAt` alone. */
export interface BeatDocument {
  _id: string;
  beatAt: number;
  startedAt?: number;
  internalUrl?: string | null;
  publicAddress?: string | null;
  isDraining?: boolean;
  version?: string;
  sessions?: number;
  connections?: number;
  /** absent where it was retired */
  isListed?: true;
  isTakenForDead?: true;
}

/** `_id` names what it is for: `cluster` */
export interface SecretDocument {
  _id: string;
  value: string;
}

/** `_id` names the fact: `format`, `health`, `barrier` */
export interface FactDocument {
  _id: string;
  value: number;
}

export type Models = ReturnType<typeof modelsOn>;

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const positive = { ...whole, min: 1 } as const;
const time = { type: Number, default: null } as const;
const role = { ...text, enum: ["gm", "player", "spectator"] satisfies Role[] };
const status = { ...text, enum: ["created", "live", "paused", "ended"] satisfies Status[] };

/**
 * The models and the indexes that the guarantees rest on.
 * @param majority whether reads are of what a majority holds, so that no failover takes back what was read
 */
export function modelsOn(connection: Connection, majority: boolean) {
  const model = <T>(
    name: string,
    fields: object,
    indexes: readonly (readonly [keys: object, unique: boolean])[] = [],
  ) => {
    const schema = new Schema<T>(fields as never, {
      collection: name,
      versionKey: false,
      minimize: false,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      strict: "throw",
      // Without the time limit, what no majority takes would hold its connection for ever.
      writeConcern: { w: "majority", j: true, wtimeout: QUERY_WITHIN_MS },
    });
    for (const [keys, unique] of indexes) schema.index(keys as never, { unique });
    schema.pre(["find", "findOne"], function (this: Query<unknown, unknown>) {
      this.maxTimeMS(QUERY_WITHIN_MS);
      if (majority) this.readConcern("majority");
    });
    return connection.model(name, schema) as unknown as Model<T>;
  };
  const record = new Schema(
    { id: text, epoch: whole, at: whole, kind: text, audit: String, traces: String, crc32: Number },
    { _id: false, strict: "throw" },
  );
  const creating = new Schema({ id: text, at: whole }, { _id: false });
  const member = new Schema({ userId: text, name: { type: String, default: null }, role }, { _id: false });
  return {
    log: model<LogDocument>(
      "log",
      {
        _id: Schema.Types.ObjectId,
        v: positive,
        sessionId: text,
        pos: positive,
        lastPos: positive,
        records: { type: [record], required: true },
        bodies: { type: [String], default: undefined },
        parts: Number,
        lastN: Number,
        lastSeq: Number,
      },
      [
        [{ sessionId: 1, pos: 1 }, true],
        [{ sessionId: 1, lastN: 1 }, false],
        [{ sessionId: 1, lastSeq: 1 }, false],
      ],
    ),
    logParts: model<PartDocument>("log_parts", part(), [[{ sessionId: 1 }, false]]),
    trims: model<TrimDocument>("trims", { _id: String, through: whole, cleared: { ...whole, default: 0 } }),
    sessions: model<SessionDocument>(
      "sessions",
      {
        _id: String,
        pos: positive,
        campaignId: text,
        title: text,
        status,
        maxParticipants: positive,
        settings: { type: Schema.Types.Mixed, required: true },
        createdBy: text,
        createdAt: whole,
        startedAt: time,
        endedAt: time,
        contentGone: Boolean,
        learned: Boolean,
      },
      [
        [{ contentGone: 1, endedAt: 1, _id: 1 }, false],
        [{ learned: 1, _id: 1 }, false],
        [{ campaignId: 1, createdAt: -1, _id: -1 }, false],
        [{ campaignId: 1, status: 1, createdAt: -1, _id: -1 }, false],
        [{ status: 1, "settings.autoPauseWhenNoGm": 1, _id: 1 }, false],
      ],
    ),
    people: model<PersonDocument>(
      "people",
      {
        _id: String,
        sessionId: text,
        userId: text,
        pos: positive,
        facts: { type: Schema.Types.Mixed, required: true },
      },
      [[{ sessionId: 1 }, false]],
    ),
    invites: model<InviteDocument>(
      "invites",
      { _id: String, sessionId: text, pos: Number, invite: Schema.Types.Mixed },
      [[{ sessionId: 1 }, false]],
    ),
    snapshots: model<SnapshotDocument>(
      "snapshots",
      { _id: Schema.Types.ObjectId, sessionId: text, pos: positive, sha256: text, saveId: text, parts: whole },
      [[{ sessionId: 1, pos: -1 }, true]],
    ),
    snapshotParts: model<PartDocument>("snapshot_parts", part(), [[{ sessionId: 1 }, false]]),
    campaigns: model<CampaignDocument>(
      "campaigns",
      {
        _id: String,
        name: text,
        createdAt: whole,
        members: [member],
        removals: Number,
        revision: positive,
        createdBy: String,
        creating: { type: [creating], default: undefined },
      },
      [
        [{ "members.userId": 1, createdAt: -1 }, false],
        [{ createdBy: 1 }, false],
      ],
    ),
    creators: model<CreatorDocument>("creators", { _id: String, revision: positive, creating: [creating] }),
    formerMembers: model<FormerMemberDocument>(
      "former_members",
      { _id: String, campaignId: text, userId: text, removal: positive },
      [[{ campaignId: 1, userId: 1 }, false]],
    ),
    tickets: model<TicketDocument>(
      "stream_tickets",
      {
        _id: String,
        sessionId: text,
        holder: { type: Schema.Types.Mixed, required: true },
        expiresAt: whole,
        goodUntil: whole,
        openIn: { type: String, default: null },
        uses: whole,
      },
      [
        [{ expiresAt: 1 }, false],
        [{ openIn: 1, goodUntil: 1 }, false],
      ],
    ),
    leases: model<LeaseDocument>("leases", { _id: String, processId: text, epoch: whole }, [
      [{ processId: 1, _id: 1 }, false],
    ]),
    beats: model<BeatDocument>(
      "beats",
      {
        _id: String,
        beatAt: whole,
        startedAt: Number,
        internalUrl: String,
        publicAddress: String,
        isDraining: Boolean,
        version: String,
        sessions: Number,
        connections: Number,
        isListed: Boolean,
        isTakenForDead: Boolean,
      },
      [
        [{ beatAt: -1 }, false],
        [{ isListed: 1 }, false],
      ],
    ),
    secrets: model<SecretDocument>("secrets", { _id: String, value: text }),
    facts: model<FactDocument>("facts", { _id: String, value: whole }),
  };
}

function part() {
  return { _id: String, sessionId: text, whole: text, at: whole, bytes: { type: Buffer, required: true } };
}
