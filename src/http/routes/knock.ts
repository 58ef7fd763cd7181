import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import { decideAtDoor, findKnocker } from "../knocker.ts";
import { isProblem, problem, sessionEnded } from "../problem.ts";
import { limitOfKnocks } from "../rateLimit.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { KnockStatus } from "../shapes/knock.ts";

const WAITED_FOR_SECONDS = 10;
const Answer = z.strictObject({ status: KnockStatus });

export const knock = route({
  method: "POST",
  path: "/api/sessions/:sessionId/knocks",
  id: "knock",
  summary: "Ask to be let into a session whose `admission` is `approve`",
  who: "whoever could join if it were open: members, invitees, and who brings a good `invite`",
  session: sessionInPath,
  limit: ({ deps }, claims) => limitOfKnocks(claims.userId, deps),
  find: findKnocker,
  body: z.strictObject({ invite: z.string().min(1).max(256).exactOptional(), message: Reason.exactOptional() }),
  answers: {
    201: {
      description: "`waiting` for a GM; `admitted` where they may join at once, and leave no knock",
      schema: Answer,
    },
    200: { description: "The same, of somebody who has knocked before; `denied` less than 30 s ago", schema: Answer },
  },
  problems: ["banned", "session_ended", "rate_limited"],
  async handle(asking, { found, body }) {
    if (found.row.status === "ended") return sessionEnded();
    const taken = await decideAtDoor(asking, body, (session, { standing, removal }) => {
      const { userId, name, role, via } = standing;
      return session.waitingRoom.knock({ userId, name, role, via, removal }, body.message);
    });
    if (taken === "session_ended") return sessionEnded();
    if (taken === "too_many") {
      return problem("rate_limited", "Too many people wait at this session. Try again later.", {
        headers: { "Retry-After": String(WAITED_FOR_SECONDS) },
      });
    }
    if (isProblem(taken)) return taken;
    return { status: taken.isNew ? 201 : 200, json: { status: taken.status } };
  },
});
