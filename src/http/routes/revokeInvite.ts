import { z } from "zod";
import { actorOf, findSession, gmOnly } from "../access.ts";
import { notFound } from "../problem.ts";
import { route } from "../route.ts";

export const revokeInvite = route({
  method: "DELETE",
  path: "/api/sessions/:sessionId/invites/:inviteId",
  id: "revokeInvite",
  summary: "Revoke an invite: it admits nobody any more, those who came by it included",
  who: "GM",
  find: findSession,
  may: gmOnly,
  query: z.object({
    disconnect: z
      .enum(["true", "false"])
      .default("false")
      .meta({ description: "also close the connections of those who came by it, with 4203" }),
  }),
  answers: { 204: { description: "Revoked, now or before" } },
  problems: ["forbidden", "banned"],
  async handle({ deps, params, claims }, { found, query }) {
    if (!found.state.invites.has(params.inviteId)) return notFound();
    const session = await deps.running.open(params.sessionId);
    const by = actorOf(found.member!, claims);
    const outcome = await session.revokeInvite(params.inviteId, by, query.disconnect === "true");
    return outcome === "not_found" ? notFound() : { status: 204 };
  },
});
