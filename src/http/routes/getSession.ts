import { findSession } from "../access.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

export const getSession = route({
  method: "GET",
  path: "/api/sessions/:sessionId",
  id: "getSession",
  summary: "A session",
  who: "member or invitee",
  session: sessionInPath,
  find: findSession,
  answers: { 200: { description: "The session", schema: SessionShape } },
  problems: ["banned"],
  handle: ({ deps, params }, { found }) => ({
    status: 200,
    json: showSession(found.row, deps.running.online(params.sessionId)),
  }),
});
