import { z } from "zod";
import type { NewCampaign } from "../../ports/campaigns.ts";
import { Id, iso, RoleName, Time, UserId } from "./fields.ts";

export const CampaignShape = z
  .strictObject({
    id: Id,
    name: z.string(),
    createdAt: Time,
    members: z.array(z.strictObject({ userId: UserId, name: z.string().nullable(), role: RoleName })),
  })
  .meta({ id: "Campaign" });

export function showCampaign({ id, name, createdAt, members }: NewCampaign): z.output<typeof CampaignShape> {
  return {
    id,
    name,
    createdAt: iso(createdAt),
    members: members.map((member) => ({ userId: member.userId, name: member.name, role: member.role })),
  };
}
