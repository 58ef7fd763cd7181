import { z } from "zod";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { KnockShape, showKnock } from "../shapes/knock.ts";

export const listKnocks = route({
  method: "GET",
  path: "/api/sessions/:sessionId/knocks",
  id: "listKnocks",
  summary: "Who waits to be admitted, the first first",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  answers: {
    200: { description: "Those who wait and still may", schema: z.strictObject({ items: z.array(KnockShape) }) },
  },
  problems: ["forbidden", "banned"],
  async handle(asking, { found: { row } }) {
    if (row.status === "ended" || row.settings.admission === "open") return { status: 200, json: { items: [] } };
    const knocks = await decideAsGm(asking, async ({ waitingRoom }) => waitingRoom.listed());
    return isProblem(knocks) ? knocks : { status: 200, json: { items: knocks.map(showKnock) } };
  },
});
