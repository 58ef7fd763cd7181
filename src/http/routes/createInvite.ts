import { z } from "zod";
import { Name } from "../../core/settings.ts";
import { findSession, gmOnly } from "../access.ts";
import { decideAsGm } from "../acting.ts";
import type { HttpDeps } from "../deps.ts";
import { isProblem, limitReached, sessionEnded } from "../problem.ts";
import type { Arriving } from "../proxies.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { InviteRoleName } from "../shapes/fields.ts";
import { NewInviteShape, showInvite } from "../shapes/invite.ts";

const DAY_SECONDS = 86_400;

export const createInvite = route({
  method: "POST",
  path: "/api/sessions/:sessionId/invites",
  id: "createInvite",
  summary: "Make an invite",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  body: z.strictObject({
    role: InviteRoleName.default("player"),
    maxUses: z.int().min(1).max(500).default(1),
    expiresInSeconds: z
      .int()
      .min(1)
      .max(365 * DAY_SECONDS)
      .default(7 * DAY_SECONDS),
    label: Name.exactOptional(),
  }),
  answers: { 201: { description: "The invite; `token` and `url` are shown this once only", schema: NewInviteShape } },
  problems: ["forbidden", "banned", "session_ended", "limit_reached"],
  async handle(asking, { body }) {
    const { deps, params, request } = asking;
    const { role, maxUses, label = null } = body;
    const made = await decideAsGm(asking, (session, by, { campaign: { removals: removalsBefore } }) => {
      const expiresAt = deps.clock.now() + body.expiresInSeconds * 1000;
      return session.createInvite({ role, maxUses, expiresAt, label, removalsBefore }, by);
    });
    if (made === "session_ended") return sessionEnded();
    if (made === "limit_reached") return limitReached("invites of this session");
    if (isProblem(made)) return made;
    const url = `${deps.config.publicUrl ?? addressOf(request, deps)}/invite/${made.token}`;
    return { status: 201, json: { ...showInvite(params.sessionId, made.invite), token: made.token, url } };
  },
});

/** Where the asker reached us, as far as the request and trusted proxies say. */
function addressOf(request: Arriving, { proxies }: Pick<HttpDeps, "proxies">): string {
  return `${proxies.isSecure(request) === true ? "https" : "http"}://${proxies.hostOf(request) ?? "localhost"}`;
}
