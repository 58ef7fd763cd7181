import { z } from "zod";
import { isPathSegment } from "../../core/paths.ts";
import { Name } from "../../core/settings.ts";
import { OWN_TOKEN_MS } from "../../identity/identity.ts";
import { problem } from "../problem.ts";
import { limitOf } from "../rateLimit.ts";
import { openRoute } from "../route.ts";
import { UserId } from "../shapes/fields.ts";

/** Exists in dev login alone: the table leaves it out otherwise. */
export const createDevelopmentToken = openRoute({
  method: "POST",
  path: "/dev/token",
  id: "createDevelopmentToken",
  summary: "A token for whomever you like, in dev login",
  who: "anybody, in dev login; by `localhost`, an IP address or `PUBLIC_URL`'s name, and no page of another site",
  may: (_found, { deps, request }) =>
    deps.origins.mayUseDevLogin(request)
      ? undefined
      : problem(
          "forbidden",
          "Dev login is for this machine: by localhost, an IP address or PUBLIC_URL, from no other site.",
        ),
  body: z.strictObject({
    userId: UserId.refine(isPathSegment, "is no user id"),
    name: Name.exactOptional(),
    roles: z.array(z.string().max(100)).max(20).default([]),
  }),
  answers: { 200: { description: "Good for 12 hours", schema: z.strictObject({ token: z.string() }) } },
  problems: ["forbidden", "rate_limited"],
  async handle({ deps, request }, { body: { userId, name = null, roles } }) {
    const limited = limitOf(deps.ownTokens.development, request, deps);
    if (limited !== undefined) return limited;
    const expiresAt = deps.clock.now() + OWN_TOKEN_MS;
    const { token } = await deps.identity.sign({ userId, name, roles, expiresAt });
    return { status: 200, json: { token } };
  },
});
