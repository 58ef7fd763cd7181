import { z } from "zod";
import { MaxParticipants, SettingsPatch, Title } from "../../core/settings.ts";
import { rowOf } from "../../live/row.ts";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, sessionEnded } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

export const updateSession = route({
  method: "PATCH",
  path: "/api/sessions/:sessionId",
  id: "updateSession",
  summary: "Change a session's title, places or settings",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  body: z.strictObject({
    title: Title.exactOptional(),
    maxParticipants: MaxParticipants.exactOptional(),
    settings: SettingsPatch.exactOptional(),
  }),
  answers: { 200: { description: "The session; settings are merged, in force at once", schema: SessionShape } },
  problems: ["forbidden", "banned", "session_ended"],
  async handle(asking, { body }) {
    const { deps, params } = asking;
    const updated = await decideAsGm(asking, async (session, by) => {
      const outcome = await session.update(body, by);
      return outcome === "session_ended" ? sessionEnded() : session;
    });
    if (isProblem(updated)) return updated;
    return { status: 200, json: showSession(rowOf(updated.committed), deps.running.online(params.sessionId)) };
  },
});
