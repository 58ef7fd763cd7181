import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { faultOfUserId } from "../userId.ts";

export const unban = route({
  method: "DELETE",
  path: "/api/sessions/:sessionId/bans/:userId",
  id: "unban",
  summary: "Lift a ban",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  answers: { 204: { description: "There is no ban any more, or there was none" } },
  problems: ["forbidden", "banned"],
  async handle(asking) {
    const { userId } = asking.params;
    const fault = faultOfUserId(userId);
    if (fault !== undefined) return fault;
    const door = await asking.deps.running.door(asking.params.sessionId, userId);
    if (!door?.list.banned.has(userId)) return { status: 204 };
    const outcome = await decideAsGm(asking, (session, by) => session.unban(userId, by));
    return isProblem(outcome) ? outcome : { status: 204 };
  },
});
