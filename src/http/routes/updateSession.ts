import { z } from "zod";
import { MaxParticipants, SettingsPatch, Title } from "../../core/settings.ts";
import { rowOf } from "../../live/row.ts";
import { actorOf, findSession, gmOnly } from "../access.ts";
import { sessionEnded } from "../problem.ts";
import { route } from "../route.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

export const updateSession = route({
  method: "PATCH",
  path: "/api/sessions/:sessionId",
  id: "updateSession",
  summary: "Change a session's title, places or settings",
  who: "GM",
  find: findSession,
  may: gmOnly,
  body: z.strictObject({
    title: Title.exactOptional(),
    maxParticipants: MaxParticipants.exactOptional(),
    settings: SettingsPatch.exactOptional(),
  }),
  answers: { 200: { description: "The session; settings are merged, in force at once", schema: SessionShape } },
  problems: ["forbidden", "banned", "session_ended"],
  async handle({ deps, params, claims }, { found, body }) {
    const session = await deps.running.open(params.sessionId);
    if ((await session.update(body, actorOf(found.member!, claims))) === "session_ended") return sessionEnded();
    return { status: 200, json: showSession(rowOf(session.committed), deps.running.online(params.sessionId)) };
  },
});
