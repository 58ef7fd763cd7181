import { z } from "zod";
import { findCampaign } from "../access.ts";
import { onlineIn } from "../other-rooms.ts";
import { Cursor, Limit, pageOf, pageShape } from "../paging.ts";
import { isProblem } from "../problem.ts";
import { route } from "../route.ts";
import { StatusName } from "../shapes/fields.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

export const listSessions = route({
  method: "GET",
  path: "/api/campaigns/:campaignId/sessions",
  id: "listSessions",
  summary: "A campaign's sessions, newest first",
  who: "members",
  find: findCampaign,
  query: z.object({ status: StatusName.exactOptional(), limit: Limit, cursor: Cursor }),
  answers: { 200: { description: "A page", schema: pageShape(SessionShape) } },
  async handle({ deps, params }, { query }) {
    const page = await pageOf(deps.stores.sessions.list(params.campaignId, query));
    if (isProblem(page)) return page;
    const mayRun = page.items.filter(({ status }) => status !== "ended").map(({ sessionId }) => sessionId);
    const online = await onlineIn(mayRun, deps);
    const items = page.items.map((row) => showSession(row, online(row.sessionId)));
    return { status: 200, json: { items, nextCursor: page.nextCursor } };
  },
});
