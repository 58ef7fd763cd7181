import { z } from "zod";
import { MaxParticipants, SettingsPatch } from "../../core/settings.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import { Count, Id, iso, StatusName, Time, UserId } from "./fields.ts";

export const SessionShape = z
  .strictObject({
    id: Id,
    campaignId: Id,
    title: z.string(),
    status: StatusName,
    maxParticipants: MaxParticipants,
    settings: SettingsPatch.required().meta({ id: "Settings" }),
    createdBy: UserId,
    createdAt: Time,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    online: Count.meta({ description: "people who are online or idle now" }),
  })
  .meta({ id: "Session" });

/** @param online people online or idle now */
export function showSession(row: SessionRow, online: number): z.output<typeof SessionShape> {
  const { sessionId, campaignId, title, status, maxParticipants, settings, createdBy } = row;
  return {
    id: sessionId,
    campaignId,
    title,
    status,
    maxParticipants,
    settings,
    createdBy,
    createdAt: iso(row.createdAt),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    online,
  };
}
