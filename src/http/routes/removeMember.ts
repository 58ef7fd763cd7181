import { actorOf, findCampaign, gmOnly, memberOf, noGmAnyMore } from "../access.ts";
import { notFound, problem } from "../problem.ts";
import { route } from "../route.ts";

export const removeMember = route({
  method: "DELETE",
  path: "/api/campaigns/:campaignId/members/:userId",
  id: "removeMember",
  summary: "Remove a member, or leave a campaign",
  who: "GM, or that person",
  find: findCampaign,
  may: (found, { params, claims }) => (params.userId === claims.userId ? undefined : gmOnly(found)),
  findWithin: ({ campaign }, { params }) => (memberOf(campaign, params.userId) === undefined ? notFound() : undefined),
  answers: { 204: { description: "Gone; their connections are closed with 4203, their places are freed" } },
  problems: ["forbidden", "last_gm"],
  async handle(asking, { found }) {
    const { deps, params, claims } = asking;
    const campaign = await deps.stores.campaigns.removeMember(params.campaignId, params.userId, claims.userId);
    if (campaign === undefined || campaign === "not_member") return notFound();
    if (campaign === "not_gm" || campaign === "limit_reached") return await noGmAnyMore(asking);
    if (campaign === "last_gm") return problem("last_gm", "They are the last GM: make somebody else GM first.");
    await deps.running.memberChanged(campaign, params.userId, actorOf(found.member, claims));
    return { status: 204 };
  },
});
