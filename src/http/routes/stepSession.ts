import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import type { Step } from "../../core/status.ts";
import { rowOf } from "../../live/row.ts";
import { actorOf, findSession, gmOnly } from "../access.ts";
import { problem } from "../problem.ts";
import { type Route, route } from "../route.ts";
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
    find: findSession,
    may: gmOnly,
    body: step === "pause" ? z.strictObject({ reason: Reason.exactOptional() }) : z.strictObject({}),
    answers: { 200: { description: "The session; the same where it is so already", schema: SessionShape } },
    problems: ["forbidden", "banned", "invalid_transition"],
    async handle({ deps, params, claims }, { found, body }) {
      const reason = "reason" in body && typeof body.reason === "string" ? body.reason : "";
      const session = await deps.running.open(params.sessionId);
      const outcome = await session.step(step, actorOf(found.member!, claims), reason);
      if (outcome === "invalid_transition") {
        return problem("invalid_transition", `A session in status ${session.committed.status} cannot ${step}.`);
      }
      return { status: 200, json: showSession(rowOf(session.committed), deps.running.online(params.sessionId)) };
    },
  }),
);
