import { type SchemaType, schema, t } from "@colyseus/schema";
import { writeTextsAtOnce } from "./text-encoding.ts";

writeTextsAtOnce();

/**
 * The state that clients see: contract section 4, field by field. A projection for the wire, written by `projector.ts`
 * alone; the truth is `SessionState` in `core`. Builder primitives have no default of their own, hence each `.default`.
 */

export const Participant = schema(
  {
    userId: t.string().default(""),
    name: t.string().default(""),
    role: t.string().default("player"),
    presence: t.string().default("disconnected"),
    activity: t.string().default("none"),
    joinedAt: t.number().default(0),
    lastSeenAt: t.number().default(0),
    reconnectUntil: t.number().default(0),
  },
  "Participant",
);
export type Participant = SchemaType<typeof Participant>;

export const Entry = schema(
  { value: t.string().default(""), version: t.number().default(0), by: t.string().default("") },
  "Entry",
);
export type Entry = SchemaType<typeof Entry>;

export const ConnectionInfo = schema(
  {
    connections: t.number().default(0),
    streams: t.number().default(0),
    latencyMs: t.number().default(-1),
    reconnects: t.number().default(0),
    droppedAt: t.number().default(0),
    client: t.string().default(""),
  },
  "ConnectionInfo",
);
export type ConnectionInfo = SchemaType<typeof ConnectionInfo>;

export const Knock = schema(
  {
    userId: t.string().default(""),
    name: t.string().default(""),
    role: t.string().default("player"),
    message: t.string().default(""),
    since: t.number().default(0),
  },
  "Knock",
);
export type Knock = SchemaType<typeof Knock>;

export const SessionSchema = schema(
  {
    sessionId: t.string().default(""),
    campaignId: t.string().default(""),
    title: t.string().default(""),
    status: t.string().default("created"),
    statusSince: t.number().default(0),
    statusBy: t.string().default(""),
    statusReason: t.string().default(""),
    seq: t.number().default(0),
    digest: t.string().default("0000000000000000"),
    digestSeq: t.number().default(0),
    participants: t.map(Participant),
    entries: t.map(Entry),
    // Bare `.view()`, and `view.add(entry)` per entry and viewer; a tag on these maps would leak them whole.
    hidden: t.map(Entry).view(),
    connections: t.map(ConnectionInfo).view(),
    knocks: t.map(Knock).view(),
  },
  "SessionState",
);
export type SessionSchema = SchemaType<typeof SessionSchema>;
