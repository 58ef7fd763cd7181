import { findCampaign } from "../access.ts";
import { route } from "../route.ts";
import { CampaignShape, showCampaign } from "../shapes/campaign.ts";

export const getCampaign = route({
  method: "GET",
  path: "/api/campaigns/:campaignId",
  id: "getCampaign",
  summary: "A campaign and its members",
  who: "members",
  find: findCampaign,
  answers: { 200: { description: "The campaign", schema: CampaignShape } },
  handle: (_asking, { found }) => ({ status: 200, json: showCampaign(found.campaign) }),
});
