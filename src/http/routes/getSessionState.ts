import { admittedOnly, findSession } from "../access.ts";
import { notFound, unavailable } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { StateShape } from "../shapes/record.ts";

export const getSessionState = route({
  method: "GET",
  path: "/api/sessions/:sessionId/state",
  id: "getSessionState",
  summary: "What you may see of a session's entries, of an ended one too",
  who: "member or invitee",
  session: sessionInPath,
  find: findSession,
  may: admittedOnly,
  answers: { 200: { description: "As for a room join of that person", schema: StateShape } },
  problems: ["banned", "approval_needed"],
  async handle({ deps, params, claims }, { found: { role } }) {
    const state = await deps.running.read(params.sessionId);
    if (state === undefined) return notFound();
    const { userId } = claims;
    const bytes = await deps.wholeStates.answer(state, { userId, role }, () => deps.unsent.hasRoomFor(userId));
    if (bytes === undefined) return unavailable();
    return { status: 200, bytes, headers: { "Content-Type": "application/json; charset=utf-8" } };
  },
});
