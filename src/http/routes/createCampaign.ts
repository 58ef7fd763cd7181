import { z } from "zod";
import { Name } from "../../core/settings.ts";
import { noGuests } from "../access.ts";
import { limitReached } from "../problem.ts";
import { route } from "../route.ts";
import { CampaignShape, showCampaign } from "../shapes/campaign.ts";

export const createCampaign = route({
  method: "POST",
  path: "/api/campaigns",
  id: "createCampaign",
  summary: "Start a campaign",
  who: "any user but guests; becomes its GM",
  may: noGuests,
  body: z.strictObject({ name: Name }),
  answers: { 201: { description: "The campaign", schema: CampaignShape } },
  problems: ["forbidden", "limit_reached"],
  async handle({ deps, claims }, { body }) {
    const creator = { userId: claims.userId, name: claims.name, role: "gm" as const };
    const campaign = { id: deps.chance.id(), name: body.name, createdAt: deps.clock.now(), members: [creator] };
    const created = await deps.stores.campaigns.create(campaign, claims.userId);
    if (created === "limit_reached") return limitReached("campaigns of yours");
    return { status: 201, json: showCampaign(campaign) };
  },
});
