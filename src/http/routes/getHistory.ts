import { history } from "../../core/attendance.ts";
import { findSession, membersOnly } from "../access.ts";
import { notFound } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { HistoryShape } from "../shapes/record.ts";

export const getHistory = route({
  method: "GET",
  path: "/api/sessions/:sessionId/history",
  id: "getHistory",
  summary: "Who was there, and for how long",
  who: "member",
  session: sessionInPath,
  find: findSession,
  may: membersOnly,
  answers: { 200: { description: "Whole seconds, up to now; idle counts as online", schema: HistoryShape } },
  problems: ["forbidden", "banned"],
  async handle({ deps, params }) {
    const state = await deps.running.read(params.sessionId);
    return state === undefined ? notFound() : { status: 200, json: history(state, deps.clock.now()) };
  },
});
