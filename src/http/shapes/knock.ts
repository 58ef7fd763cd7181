import { z } from "zod";
import type { Knock } from "../../core/session.ts";
import { iso, RoleName, Time, UserId, ViaName } from "./fields.ts";

export const KnockStatus = z.enum(["waiting", "admitted", "denied"]);

export const KnockShape = z
  .strictObject({
    userId: UserId,
    name: z.string(),
    role: RoleName,
    via: ViaName,
    since: Time,
    message: z.string().nullable(),
  })
  .meta({ id: "Knock" });

export function showKnock({ userId, name, role, via, since, message }: Knock): z.output<typeof KnockShape> {
  return { userId, name, role, via, since: iso(since), message: message === "" ? null : message };
}
