import type { Actor } from "../core/session.ts";
import type { LiveSession } from "../live/sessions.ts";
import { doorOf } from "../live/stored-sessions.ts";
import type { Campaign } from "../ports/campaigns.ts";
import { actorOf, gmOnly, type KnownSession, knownTo, readCampaignFor } from "./access.ts";
import { hasEnded, unauthenticated } from "./authenticate.ts";
import { isProblem, notFound, type Problem } from "./problem.ts";
import type { Asking } from "./route.ts";

/** As what somebody acts in a session, beside the campaign's members at that moment. */
export interface KnownInCampaign extends KnownSession {
  readonly campaign: Campaign;
}

/**
 * Opens a session and lets somebody decide something in it with the rights that they have then. Opening lasts as long as
 * the store takes, so that what was found before may be past: their membership is read again, and nothing is awaited
 * between what is known of it and the decision.
 * @param decide is called at once, or not at all
 * @throws NoSuchSession | JournalUnavailable | StoreUnavailable | StoredDataDamaged
 */
export async function decideIn<Outcome>(
  asking: Asking<"sessionId">,
  decide: (session: LiveSession, known: KnownInCampaign) => Outcome,
): Promise<Awaited<Outcome> | Problem> {
  const { deps, params, claims } = asking;
  const session = await deps.running.open(params.sessionId);
  const { campaign, membership } = await readCampaignFor(session.committed.campaignId, claims.userId, deps);
  if (hasEnded(claims, deps)) return unauthenticated();
  if (campaign === undefined) return notFound();
  const known = knownTo(claims, doorOf(session.committed, claims.userId), membership);
  return isProblem(known) ? known : await decide(session, { ...known, campaign });
}

/** As `decideIn`, for what GMs alone may do. */
export function decideAsGm<Outcome>(
  asking: Asking<"sessionId">,
  decide: (session: LiveSession, by: Actor, known: KnownInCampaign) => Promise<Outcome> | Problem,
): Promise<Outcome | Problem> {
  return decideIn<Promise<Outcome> | Problem>(asking, (session, known) => {
    const { member } = known;
    if (member?.role === "gm") return decide(session, actorOf(member, asking.claims), known);
    return gmOnly(known)!;
  }) as Promise<Outcome | Problem>;
}
