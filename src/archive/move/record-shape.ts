import { z } from "zod";
import type { RecordContent } from "../../core/record.ts";

const text = z.string();
const id = text.min(1);
const ms = z.int();
const role = z.enum(["gm", "player", "spectator"]);
const status = z.enum(["created", "live", "paused", "ended"]);
const settings = z.record(text, z.union([z.number(), text]));
const change = z.tuple([text, text.nullable()]);

const command = z.looseObject({
  seq: z.int().min(1),
  at: ms,
  userId: id,
  id,
  action: id,
  changes: z.array(change),
  result: text.optional(),
});

const place = z.looseObject({ userId: id, name: text, role, via: id, joinedAt: ms });

const invite = z.looseObject({
  id,
  role: z.enum(["player", "spectator"]),
  label: text.nullable(),
  maxUses: z.int(),
  uses: z.int(),
  expiresAt: ms,
  revokedAt: ms.nullable(),
  createdAt: ms,
  createdBy: id,
  removalsBefore: z.int().min(0),
  tokenHash: id,
});

const placeChange = z.discriminatedUnion("what", [
  z.looseObject({ what: z.literal("joined"), place, inviteId: id.nullable() }),
  z.looseObject({ what: z.literal("left"), userId: id }),
  z.looseObject({ what: z.literal("removed"), userId: id, ban: z.boolean() }),
  z.looseObject({ what: z.literal("unbanned"), userId: id }),
  z.looseObject({ what: z.literal("role"), userId: id, role, name: text, via: id }),
]);

const inviteChange = z.discriminatedUnion("what", [
  z.looseObject({ what: z.literal("created"), invite }),
  z.looseObject({ what: z.literal("revoked"), inviteId: id }),
]);

const knock = z.looseObject({
  userId: id,
  status: z.enum(["waiting", "admitted", "denied"]),
  name: text,
  role,
  via: id,
  since: ms,
  message: text,
  answeredAt: ms,
  reason: text.nullable(),
  removal: z.int().min(0),
  joined: z.boolean(),
  passing: z.boolean(),
});

const knockChange = z.discriminatedUnion("what", [
  z.looseObject({ what: z.literal("asked"), knock }),
  z.looseObject({ what: z.literal("admitted"), userId: id }),
  z.looseObject({ what: z.literal("denied"), userId: id, reason: text.nullable() }),
  z.looseObject({ what: z.literal("lapsed"), userIds: z.array(id) }),
]);

/** By kind, so that the compiler asks about one that is new. Fields beyond these are kept as they are. */
const CONTENTS = {
  created: z.looseObject({
    kind: z.literal("created"),
    campaignId: id,
    title: text,
    maxParticipants: z.int(),
    settings,
    createdBy: id,
    continued: z.array(z.tuple([text, text, text])).optional(),
  }),
  opened: z.looseObject({ kind: z.literal("opened"), process: text }),
  commands: z.looseObject({ kind: z.literal("commands"), commands: z.array(command).min(1) }),
  status: z.looseObject({ kind: z.literal("status"), status, by: text, reason: text }),
  place: z.looseObject({ kind: z.literal("place"), change: placeChange }),
  settings: z.looseObject({
    kind: z.literal("settings"),
    title: text.optional(),
    maxParticipants: z.int().optional(),
    settings: settings.optional(),
  }),
  invite: z.looseObject({ kind: z.literal("invite"), change: inviteChange }),
  knock: z.looseObject({ kind: z.literal("knock"), change: knockChange }),
  forgotten: z.looseObject({ kind: z.literal("forgotten") }),
  audit: z.looseObject({ kind: z.literal("audit") }),
} satisfies { readonly [K in RecordContent["kind"]]: z.ZodType<{ kind: K }> };

const content = z.discriminatedUnion("kind", [
  CONTENTS.created,
  CONTENTS.opened,
  CONTENTS.commands,
  CONTENTS.status,
  CONTENTS.place,
  CONTENTS.settings,
  CONTENTS.invite,
  CONTENTS.knock,
  CONTENTS.forgotten,
  CONTENTS.audit,
]);

/** What of a record a trim forgets, as it stands in a file. */
export const recordBody = z.strictObject({
  v: z.int().min(0),
  content,
  sockets: z.record(text, z.int()).optional(),
});
