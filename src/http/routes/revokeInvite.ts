import { z } from "zod";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import { isProblem, notFound } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";

export const revokeInvite = route({
  method: "DELETE",
  path: "/api/sessions/:sessionId/invites/:inviteId",
  id: "revokeInvite",
  summary: "Revoke an invite: it admits nobody any more, those who came by it included",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  async findWithin(_found, { deps, params: { sessionId, inviteId } }) {
    const invites = await deps.running.invitesOf(sessionId);
    return invites.some(({ id }) => id === inviteId) ? undefined : notFound();
  },
  query: z.object({
    disconnect: z
      .enum(["true", "false"])
      .default("false")
      .meta({ description: "also close the connections of those who came by it, with 4203" }),
  }),
  answers: { 204: { description: "Revoked, now or before" } },
  problems: ["forbidden", "banned"],
  async handle(asking, { query }) {
    const outcome = await decideAsGm(asking, (session, by) =>
      session.revokeInvite(asking.params.inviteId, by, query.disconnect === "true"),
    );
    if (isProblem(outcome)) return outcome;
    return outcome === "not_found" ? notFound() : { status: 204 };
  },
});
