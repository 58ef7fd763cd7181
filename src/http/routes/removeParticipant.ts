import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import { findSession, gmOnly, type KnownSession, memberOf } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, type Problem, problem } from "../problem.ts";
import { route } from "../route.ts";
import { faultOfUserId } from "../userId.ts";

export const removeParticipant = route({
  method: "POST",
  path: "/api/sessions/:sessionId/participants/:userId/remove",
  id: "removeParticipant",
  summary: "Remove somebody from a session, or ban them; also somebody who is not in",
  who: "GM; never a GM",
  find: findSession,
  may: (found, { params }) => gmOnly(found) ?? neverAGm(params.userId, found),
  body: z.strictObject({ ban: z.boolean().default(false), reason: Reason.default("") }),
  answers: { 204: { description: "Their place is free, their connections are closed: 4201, with `ban` 4202" } },
  problems: ["forbidden", "banned"],
  async handle(asking, { body }) {
    const { userId } = asking.params;
    const fault = faultOfUserId(userId);
    if (fault !== undefined) return fault;
    const outcome = await decideAsGm(
      asking,
      (session, by, known) => neverAGm(userId, known) ?? session.remove(userId, by, body),
    );
    return isProblem(outcome) ? outcome : { status: 204 };
  },
});

function neverAGm(userId: string, { campaign }: KnownSession): Problem | undefined {
  return memberOf(campaign, userId)?.role === "gm"
    ? problem("forbidden", "A GM cannot be removed or banned.")
    : undefined;
}
