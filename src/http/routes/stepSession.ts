import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import type { Step } from "../../core/status.ts";
import { rowOf } from "../../live/row.ts";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, problem } from "../problem.ts";
import { type Route, route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

const SUMMARIES: { readonly [step in Step]: string } = {
  start: "Begin a session: `created` to `live`",
  pause: "Pause a live session, with a reason if you like",
  resume: "Resume a paused session",
  terminate: "End a session, for ever",
};

/** The four steps between statuses, which differ in nothing but their name and a pause's reason. */
export const stepSession: readonly Route[] = (Object.keys(SUMMARIES) as Step[]).map((step) =>
  route({
    method: "POST",
    path: `/api/sessions/:sessionId/${step}` as "/api/sessions/:sessionId/step",
    id: `${step}Session`,
    summary: SUMMARIES[step],
    who: "GM",
    session: sessionInPath,
    find: findSession,
    may: gmOnly,
    body: step === "pause" ? z.strictObject({ reason: Reason.exactOptional() }) : z.strictObject({}),
    answers: { 200: { description: "The session; the same where it is so already", schema: SessionShape } },
    problems: ["forbidden", "banned", "invalid_transition"],
    async handle(asking, { body }) {
      const { deps, params } = asking;
      const reason = "reason" in body && typeof body.reason === "string" ? body.reason : "";
      const stepped = await decideAsGm(asking, async (session, by) => {
        const outcome = await session.step(step, by, reason);
        if (outcome !== "invalid_transition") return session;
        return problem("invalid_transition", `A session in status ${session.committed.status} cannot ${step}.`);
      });
      if (isProblem(stepped)) return stepped;
      return { status: 200, json: showSession(rowOf(stepped.committed), deps.running.online(params.sessionId)) };
    },
  }),
);
