import { findSession, gmOnly } from "../access.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { VerdictShape } from "../shapes/record.ts";

export const verifyEvents = route({
  method: "GET",
  path: "/api/sessions/:sessionId/events/verify",
  id: "verifyEvents",
  summary: "Check the hash chain of a session's audit trail",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  answers: { 200: { description: "`firstBrokenAt` is null if it is valid", schema: VerdictShape } },
  problems: ["forbidden", "banned"],
  handle: async ({ deps, params }) => ({ status: 200, json: await deps.chainChecks.check(params.sessionId) }),
});
