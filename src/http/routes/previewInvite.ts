import { inviteOf } from "../inviteOf.ts";
import { isProblem, notFound } from "../problem.ts";
import { type Asking, route } from "../route.ts";
import { iso } from "../shapes/fields.ts";
import { InvitePreviewShape } from "../shapes/invite.ts";

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
  who: "any user",
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
