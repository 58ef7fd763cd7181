import { z } from "zod";
import { noGuests } from "../access.ts";
import { Cursor, Limit, pageOf, pageShape } from "../paging.ts";
import { isProblem } from "../problem.ts";
import { route } from "../route.ts";
import { CampaignShape, showCampaign } from "../shapes/campaign.ts";

export const listCampaigns = route({
  method: "GET",
  path: "/api/campaigns",
  id: "listCampaigns",
  summary: "The campaigns of which you are a member",
  who: "any user but guests",
  may: noGuests,
  query: z.object({ limit: Limit, cursor: Cursor }),
  answers: { 200: { description: "A page, newest first", schema: pageShape(CampaignShape) } },
  problems: ["forbidden"],
  async handle({ deps, claims }, { query }) {
    const page = await pageOf(deps.stores.campaigns.listOf(claims.userId, query));
    if (isProblem(page)) return page;
    return { status: 200, json: { items: page.items.map(showCampaign), nextCursor: page.nextCursor } };
  },
});
