import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import { actorOf, findSession, gmOnly, memberOf } from "../access.ts";
import { problem } from "../problem.ts";
import { route } from "../route.ts";
import { faultOfUserId } from "../userId.ts";

export const removeParticipant = route({
  method: "POST",
  path: "/api/sessions/:sessionId/participants/:userId/remove",
  id: "removeParticipant",
  summary: "Remove somebody from a session, or ban them; also somebody who is not in",
  who: "GM; never a GM",
  find: findSession,
  may: (found, { params }) => gmOnly(found) ?? neverAGm(memberOf(found.campaign, params.userId)?.role),
  body: z.strictObject({ ban: z.boolean().default(false), reason: Reason.default("") }),
  answers: { 204: { description: "Their place is free, their connections are closed: 4201, with `ban` 4202" } },
  problems: ["forbidden", "banned"],
  async handle({ deps, params, claims }, { found, body }) {
    const fault = faultOfUserId(params.userId);
    if (fault !== undefined) return fault;
    const session = await deps.running.open(params.sessionId);
    await session.remove(params.userId, actorOf(found.member!, claims), body);
    return { status: 204 };
  },
});

function neverAGm(role: string | undefined) {
  return role === "gm" ? problem("forbidden", "A GM cannot be removed or banned.") : undefined;
}
