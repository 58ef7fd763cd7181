import { actorOf, findCampaign, gmOnly } from "../access.ts";
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
  answers: { 204: { description: "Gone; their connections are closed with 4203, their places are freed" } },
  problems: ["forbidden", "last_gm"],
  async handle({ deps, params, claims }, { found }) {
    const campaign = await deps.stores.campaigns.removeMember(params.campaignId, params.userId);
    if (campaign === undefined || campaign === "not_member") return notFound();
    if (campaign === "last_gm") return problem("last_gm", "They are the last GM: make somebody else GM first.");
    await deps.running.memberChanged(campaign, params.userId, actorOf(found.member, claims));
    return { status: 204 };
  },
});
