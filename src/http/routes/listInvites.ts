import { z } from "zod";
import { findSession, gmOnly } from "../access.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { InviteShape, showInvite } from "../shapes/invite.ts";

export const listInvites = route({
  method: "GET",
  path: "/api/sessions/:sessionId/invites",
  id: "listInvites",
  summary: "A session's invites, revoked, expired and used-up ones included",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  answers: {
    200: { description: "All of them, without tokens", schema: z.strictObject({ items: z.array(InviteShape) }) },
  },
  problems: ["forbidden", "banned"],
  async handle({ deps, params }) {
    const invites = await deps.running.invitesOf(params.sessionId);
    return { status: 200, json: { items: invites.map((invite) => showInvite(params.sessionId, invite)) } };
  },
});
