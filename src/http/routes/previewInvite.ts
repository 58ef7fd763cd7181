import type { Claims } from "../../identity/claims.ts";
import { authenticate } from "../authenticate.ts";
import { inviteOf } from "../inviteOf.ts";
import { isProblem, notFound } from "../problem.ts";
import { type Asking, type OpenAsking, route } from "../route.ts";
import { sessionOfInvite } from "../session-asked.ts";
import { iso } from "../shapes/fields.ts";
import { InvitePreviewShape } from "../shapes/invite.ts";

/** Somebody who has used no invite and whom no token names. */
const NOBODY: Claims = { userId: "", name: null, roles: [], expiresAt: Number.POSITIVE_INFINITY };

/** Where guests are on, who shows no token may look too: they are about to come as a guest. A bad token is still one. */
async function identify({ deps, request }: OpenAsking<string>): Promise<Claims | undefined> {
  const mayBeAnybody = deps.config.auth.guests && request.headers.authorization === undefined;
  return mayBeAnybody ? NOBODY : await authenticate(request, deps.identity);
}

/** A guest learns of the invite by which they came, and of no other. */
async function findInvite({ deps, params, claims }: Asking<"token">) {
  const good = await inviteOf(params.token, claims.userId, deps);
  if (isProblem(good)) return good;
  const { invite, row } = good;
  if (claims.guestOf !== undefined && (claims.guestOf !== row.sessionId || claims.guestInvite !== invite.id)) {
    return notFound();
  }
  const campaign = await deps.stores.campaigns.find(row.campaignId);
  return campaign === undefined ? notFound() : { invite, row, campaign };
}

export const previewInvite = route({
  method: "GET",
  path: "/api/invites/:token",
  id: "previewInvite",
  summary: "What an invite leads to",
  who: "any user; where guests are on, anybody",
  session: sessionOfInvite,
  identify,
  find: findInvite,
  answers: { 200: { description: "Of an invite that is good for you", schema: InvitePreviewShape } },
  handle: (_asking, { found: { invite, row, campaign } }) => ({
    status: 200,
    json: {
      sessionId: row.sessionId,
      campaignName: campaign.name,
      sessionTitle: row.title,
      status: row.status,
      role: invite.role,
      expiresAt: iso(invite.expiresAt),
      usesLeft: Math.max(0, invite.maxUses - invite.uses),
    },
  }),
});
