import { actorOf, findSession, gmOnly } from "../access.ts";
import { route } from "../route.ts";
import { faultOfUserId } from "../userId.ts";

export const unban = route({
  method: "DELETE",
  path: "/api/sessions/:sessionId/bans/:userId",
  id: "unban",
  summary: "Lift a ban",
  who: "GM",
  find: findSession,
  may: gmOnly,
  answers: { 204: { description: "There is no ban any more, or there was none" } },
  problems: ["forbidden", "banned"],
  async handle({ deps, params, claims }, { found }) {
    const fault = faultOfUserId(params.userId);
    if (fault !== undefined) return fault;
    if (!found.state.banned.has(params.userId)) return { status: 204 };
    const session = await deps.running.open(params.sessionId);
    await session.unban(params.userId, actorOf(found.member!, claims));
    return { status: 204 };
  },
});
