import { z } from "zod";
import {
  DEFAULT_MAX_PARTICIPANTS,
  DEFAULT_SETTINGS,
  MaxParticipants,
  mergeSettings,
  SettingsPatch,
  Title,
} from "../../core/settings.ts";
import type { SessionState } from "../../core/state.ts";
import { rowOf } from "../../live/row.ts";
import { actorOf, findCampaign, gmOnly, noGmAnyMore } from "../access.ts";
import { hasEnded, unauthenticated } from "../authenticate.ts";
import { isProblem, limitReached, type Problem, problem } from "../problem.ts";
import { type Asking, route } from "../route.ts";
import { SessionShape, showSession } from "../shapes/session.ts";

type Continued = readonly (readonly [path: string, value: string, by: string])[];

export const createSession = route({
  method: "POST",
  path: "/api/campaigns/:campaignId/sessions",
  id: "createSession",
  summary: "Prepare a session, fresh or with all the entries of a former one",
  who: "GM",
  find: findCampaign,
  may: gmOnly,
  body: z.strictObject({
    title: Title,
    maxParticipants: MaxParticipants.default(DEFAULT_MAX_PARTICIPANTS),
    settings: SettingsPatch.default({}),
    continueFrom: z.string().exactOptional().meta({ description: "the id of a session of the same campaign" }),
  }),
  answers: { 201: { description: "The session, in status `created`", schema: SessionShape } },
  problems: ["forbidden", "limit_reached"],
  async handle(asking, { found, body }) {
    const { deps, claims, params } = asking;
    const former = body.continueFrom === undefined ? undefined : await stateOf(body.continueFrom, asking);
    if (isProblem(former)) return former;
    const create = async (continued?: Continued) =>
      hasEnded(claims, deps)
        ? unauthenticated()
        : await deps.running.create(
            {
              campaignId: params.campaignId,
              title: body.title,
              maxParticipants: body.maxParticipants,
              settings: mergeSettings(DEFAULT_SETTINGS, body.settings),
              ...(continued === undefined ? {} : { continued }),
            },
            actorOf(found.member, claims),
          );
    const state =
      former === undefined
        ? await create()
        : await deps.continuations.take(claims.userId, former.entries.bytes, () =>
            create(Array.from(former.entries, ([path, { value, by }]) => [path, value, by] as const)),
          );
    if (isProblem(state)) return state;
    if (state === "not_gm") return await noGmAnyMore(asking);
    if (state === "limit_reached") return limitReached("sessions of this campaign");
    return { status: 201, json: showSession(rowOf(state), deps.running.online(state.sessionId)) };
  },
});

/** What is committed in the session that is continued. */
async function stateOf(sessionId: string, { deps, params }: Asking<"campaignId">): Promise<SessionState | Problem> {
  const row = await deps.stores.sessions.find(sessionId);
  const state = row?.campaignId === params.campaignId ? await deps.running.read(sessionId) : undefined;
  if (state !== undefined) return state;
  const errors = [{ path: "/continueFrom", message: "is no session of this campaign" }];
  return problem("bad_request", "The body is not what is asked for.", { errors });
}
