import { history } from "../../core/attendance.ts";
import { findSession, membersOnly } from "../access.ts";
import { route } from "../route.ts";
import { HistoryShape } from "../shapes/record.ts";

export const getHistory = route({
  method: "GET",
  path: "/api/sessions/:sessionId/history",
  id: "getHistory",
  summary: "Who was there, and for how long",
  who: "member",
  find: findSession,
  may: membersOnly,
  answers: { 200: { description: "Whole seconds, up to now; idle counts as online", schema: HistoryShape } },
  problems: ["forbidden", "banned"],
  handle: ({ deps }, { found }) => ({ status: 200, json: history(found.state, deps.clock.now()) }),
});
