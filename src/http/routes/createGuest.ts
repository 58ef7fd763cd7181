import { z } from "zod";
import { Name } from "../../core/settings.ts";
import { OWN_TOKEN_MS } from "../../identity/identity.ts";
import { inviteOf } from "../inviteOf.ts";
import { notFound } from "../problem.ts";
import { limitOf } from "../rateLimit.ts";
import { openRoute } from "../route.ts";
import { sessionOfInvite } from "../session-asked.ts";
import { iso, Time, UserId } from "../shapes/fields.ts";

export const createGuest = openRoute({
  method: "POST",
  path: "/api/invites/:token/guest",
  id: "createGuest",
  summary: "A token for somebody without an account, good for 12 hours and the invite's session alone",
  who: "anybody with the invite, where `GUESTS` is on",
  session: sessionOfInvite,
  limit: ({ deps, request }) => (deps.config.auth.guests ? limitOf(deps.ownTokens.guest, request, deps) : undefined),
  find: ({ deps, params }) => (deps.config.auth.guests ? inviteOf(params.token, null, deps) : notFound()),
  body: z.strictObject({ name: Name }),
  answers: {
    201: {
      description: "It reserves no use of the invite: the first join brings `invite`",
      schema: z.strictObject({ token: z.string(), userId: UserId, expiresAt: Time }),
    },
  },
  problems: ["rate_limited"],
  async handle({ deps }, { found: { invite, row }, body }) {
    const userId = `guest:${deps.chance.token()}`;
    const { token, expiresAt } = await deps.identity.sign({
      userId,
      name: body.name,
      roles: [],
      expiresAt: deps.clock.now() + OWN_TOKEN_MS,
      guestOf: row.sessionId,
      guestInvite: invite.id,
    });
    return { status: 201, json: { token, userId, expiresAt: iso(expiresAt) } };
  },
});
