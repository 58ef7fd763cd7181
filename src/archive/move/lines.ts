import { z } from "zod";
import type { KeptRecord } from "../../ports/archive.ts";
import { recordBody } from "./record-shape.ts";

/** The format of a campaign's file. A reader refuses what is newer than it knows. */
export const FILE_FORMAT = 2;

const text = z.string();
const id = text.min(1);
const whole = z.int().min(0);
const pos = z.int().min(1);
const sha256 = text.regex(/^[0-9a-f]{64}$/);
const role = z.enum(["gm", "player", "spectator"]);

const AuditEvent = z.looseObject({
  n: pos,
  at: text,
  kind: text,
  actor: z.looseObject({ userId: text.nullable(), via: text }),
  data: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])),
  prev: sha256,
  hash: sha256,
});

const Trace = z.strictObject({ seq: pos, at: z.int(), userId: text, action: text });

/** What is the same of a session wherever it is kept. */
export const Figures = z.strictObject({
  pos,
  seq: whole,
  /** contract section 8, over the entries that everybody sees */
  digest: text.regex(/^[0-9a-f]{16}$/),
  /** what the state comes to (core/snapshot.ts), and the format of the snapshots of that time */
  stateSha256: sha256,
  stateFormat: whole,
  auditCount: whole,
  auditHead: sha256,
});

/** The first line of a file. Other formats have the same first two fields. */
export const Header = z.strictObject({
  type: z.literal("campaign-export"),
  format: z.int().min(1).max(FILE_FORMAT),
  /** the version of the program that wrote it */
  program: text,
});

export const CampaignLine = z.strictObject({
  type: z.literal("campaign"),
  id,
  name: text,
  /** ms since 1970 */
  createdAt: z.int(),
  members: z.array(z.strictObject({ userId: id, name: text.nullable(), role })),
  /** how many members were taken out so far; files of format 1 do not know it */
  removals: whole.optional(),
});

/** Somebody who was taken out of the campaign, by which of its removals. By rising id; since format 2. */
export const FormerMemberLine = z.strictObject({ type: z.literal("former-member"), userId: id, removal: pos });

/** A session begins: its snapshots by rising position, its records from position 1, and its end follow. */
export const SessionLine = z.strictObject({
  type: z.literal("session"),
  sessionId: id,
  /** of the last record */
  throughPos: pos,
  /** up to where content is forgotten, 0: nowhere */
  trimmedThrough: whole,
});

/** Of a million characters each: ten times what the fullest session comes to. */
const MOST_PIECES = 256;

/** A snapshot's text follows in so many pieces. */
export const SnapshotLine = z.strictObject({
  type: z.literal("snapshot"),
  pos,
  sha256,
  pieces: whole.max(MOST_PIECES),
});
export const PieceLine = z.strictObject({ type: z.literal("piece"), text });

export const RecordLine = z.strictObject({
  type: z.literal("record"),
  pos,
  id,
  epoch: whole,
  at: z.int(),
  kind: id,
  audit: z.array(AuditEvent),
  traces: z.array(Trace),
  /** null: forgotten */
  body: recordBody.nullable(),
});

export const SessionEndLine = z.strictObject({
  type: z.literal("session-end"),
  sessionId: id,
  ...Figures.shape,
  /** SHA-256 of the tokens of its invites */
  inviteHashes: z.array(text),
  /** the process that hosted it last, and when that was last known to be there, ms since 1970; null: unknown */
  lastBeat: z.strictObject({ processId: text, beatAt: z.int() }).nullable(),
});

/** The last line. `sha256`: over all lines before it, line feeds included. */
export const EndLine = z.strictObject({ type: z.literal("end"), sessions: whole, records: whole, sha256 });

export const Line = z.discriminatedUnion("type", [
  CampaignLine,
  FormerMemberLine,
  SessionLine,
  SnapshotLine,
  PieceLine,
  RecordLine,
  SessionEndLine,
  EndLine,
]);

export type Figures = z.infer<typeof Figures>;
export type CampaignLine = z.infer<typeof CampaignLine>;
export type FormerMemberLine = z.infer<typeof FormerMemberLine>;
export type SessionLine = z.infer<typeof SessionLine>;
export type SnapshotLine = z.infer<typeof SnapshotLine>;
/** The shape above is looked at, and the record itself is passed on: a copy could lose a key such as `__proto__`. */
export type RecordLine = KeptRecord & { readonly type: "record" };
export type SessionEndLine = z.infer<typeof SessionEndLine>;
export type EndLine = z.infer<typeof EndLine>;
export type Line = Exclude<z.infer<typeof Line>, { type: "record" }> | RecordLine;
