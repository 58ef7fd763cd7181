import { z } from "zod";
import { Reason } from "../../core/settings.ts";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, notFound, sessionEnded } from "../problem.ts";
import { type Asking, route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { faultOfUserId } from "../userId.ts";

const shared = {
  method: "POST",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  problems: ["forbidden", "banned", "session_ended"],
} as const;

export const admitKnock = route({
  ...shared,
  path: "/api/sessions/:sessionId/knocks/:userId/admit",
  id: "admitKnock",
  summary: "Admit somebody who knocked, also one who was denied",
  answers: { 204: { description: "They may join from now on, until they are removed or banned" } },
  handle: (asking) => answer(asking, "admit", null),
});

export const denyKnock = route({
  ...shared,
  path: "/api/sessions/:sessionId/knocks/:userId/deny",
  id: "denyKnock",
  summary: "Do not admit somebody who knocked",
  body: z.strictObject({ reason: Reason.exactOptional() }),
  answers: { 204: { description: "They read the reason, and may knock again after 30 s" } },
  handle: (asking, { body }) => answer(asking, "deny", body.reason || null),
});

async function answer(asking: Asking<"sessionId" | "userId">, what: "admit" | "deny", reason: string | null) {
  const { userId } = asking.params;
  const fault = faultOfUserId(userId);
  if (fault !== undefined) return fault;
  const outcome = await decideAsGm(asking, ({ waitingRoom }, by) => waitingRoom.answer(userId, by, what, reason));
  if (outcome === "session_ended") return sessionEnded();
  if (outcome === "not_found") return notFound();
  return isProblem(outcome) ? outcome : { status: 204 };
}
