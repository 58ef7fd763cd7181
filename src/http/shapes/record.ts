import { z } from "zod";
import { Count, Id, RoleName, StatusName, Time, UserId, ViaName } from "./fields.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const AuditEventShape = z
  .strictObject({
    n: z.int().min(1),
    at: Time,
    kind: z.string(),
    actor: z.strictObject({ userId: UserId.nullable(), via: ViaName }),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    prev: Sha256,
    hash: Sha256,
  })
  .meta({ id: "AuditEvent" });

export const EventPageShape = z.strictObject({ items: z.array(AuditEventShape), nextAfter: Count.nullable() });

export const VerdictShape = z.strictObject({
  valid: z.boolean(),
  count: Count,
  firstBrokenAt: Count.nullable(),
  head: Sha256,
});

export const CommandPageShape = z.strictObject({
  items: z.array(z.strictObject({ seq: z.int().min(1), at: Time, userId: UserId, action: z.string() })),
  nextAfter: Count.nullable(),
});

export const HistoryShape = z
  .strictObject({
    sessionId: Id,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    liveSeconds: Count,
    pausedSeconds: Count,
    participants: z.array(
      z.strictObject({
        userId: UserId,
        name: z.string(),
        role: RoleName,
        via: ViaName,
        firstJoinedAt: Time,
        lastSeenAt: Time,
        onlineSeconds: Count,
        connections: Count,
      }),
    ),
    events: Count,
  })
  .meta({ id: "History" });

const Entries = z.record(
  z.string(),
  z.strictObject({ value: z.string().meta({ description: "JSON text" }), version: Count, by: UserId }),
);

export const StateShape = z
  .strictObject({ seq: Count, status: StatusName, entries: Entries, hidden: Entries })
  .meta({ id: "SessionContent" });
