import { z } from "zod";
import { Name } from "../../core/settings.ts";
import { actorOf, findCampaign, gmOnly, noGmAnyMore } from "../access.ts";
import { limitReached, notFound, problem } from "../problem.ts";
import { route } from "../route.ts";
import { CampaignShape, showCampaign } from "../shapes/campaign.ts";
import { RoleName } from "../shapes/fields.ts";
import { faultOfUserId } from "../userId.ts";

export const putMember = route({
  method: "PUT",
  path: "/api/campaigns/:campaignId/members/:userId",
  id: "putMember",
  summary: "Add a member, or change their role and name",
  who: "GM",
  find: findCampaign,
  may: gmOnly,
  body: z.strictObject({ role: RoleName, name: Name.exactOptional() }),
  answers: { 200: { description: "The campaign; in force at once in its running sessions", schema: CampaignShape } },
  problems: ["forbidden", "last_gm", "limit_reached"],
  async handle(asking, { found, body }) {
    const { deps, params, claims } = asking;
    const fault = faultOfUserId(params.userId);
    if (fault !== undefined) return fault;
    const campaign = await deps.stores.campaigns.putMember(
      params.campaignId,
      { userId: params.userId, ...body },
      claims.userId,
    );
    if (campaign === undefined) return notFound();
    if (campaign === "not_gm") return await noGmAnyMore(asking);
    if (campaign === "limit_reached") return limitReached("members of this campaign");
    if (campaign === "last_gm") return problem("last_gm", "They are the last GM: make somebody else GM first.");
    await deps.running.memberChanged(campaign, params.userId, actorOf(found.member, claims));
    return { status: 200, json: showCampaign(campaign) };
  },
});
