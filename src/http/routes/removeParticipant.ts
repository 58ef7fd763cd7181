import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import type { Member } from "../../ports/campaigns.ts";
import { findSession, gmOnly, memberOf, readMembership } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, limitReached, type Problem, problem } from "../problem.ts";
import { type Asking, route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { faultOfUserId } from "../userId.ts";

export const removeParticipant = route({
  method: "POST",
  path: "/api/sessions/:sessionId/participants/:userId/remove",
  id: "removeParticipant",
  summary: "Remove somebody from a session, or ban them; also somebody who is not in",
  who: "GM; never a GM",
  session: sessionInPath,
  find: findBoth,
  may: (found) => gmOnly(found) ?? neverAGm(found.whom),
  body: z.strictObject({ ban: z.boolean().default(false), reason: Reason.default("") }),
  answers: { 204: { description: "Their place is free, their connections are closed: 4201, with `ban` 4202" } },
  problems: ["forbidden", "banned", "limit_reached"],
  async handle(asking, { body }) {
    const { userId } = asking.params;
    const fault = faultOfUserId(userId);
    if (fault !== undefined) return fault;
    const outcome = await decideAsGm(
      asking,
      (session, by, known) => neverAGm(memberOf(known.campaign, userId)) ?? session.remove(userId, by, body),
    );
    if (outcome === "limit_reached") return limitReached("bans in this session");
    return isProblem(outcome) ? outcome : { status: 204 };
  },
});

async function findBoth(asking: Asking<"sessionId" | "userId">) {
  const found = await findSession(asking);
  if (isProblem(found)) return found;
  const { member: whom } = await readMembership(found.row.campaignId, asking.params.userId, asking.deps);
  return { ...found, whom };
}

function neverAGm(whom: Member | undefined): Problem | undefined {
  return whom?.role === "gm" ? problem("forbidden", "A GM cannot be removed or banned.") : undefined;
}
