import { inviteUsable } from "../core/access-list.ts";
import { inviteHash } from "../core/invite-hash.ts";
import type { Invite } from "../core/session.ts";
import { NO_MEMBERSHIP } from "../ports/campaigns.ts";
import type { SessionRow } from "../ports/sessions.ts";
import { readMembership } from "./access.ts";
import type { HttpDeps } from "./deps.ts";
import { notFound, type Problem } from "./problem.ts";

/** An invite that is good for whoever asks, and its session. */
export interface GoodInvite {
  readonly invite: Invite;
  readonly row: SessionRow;
}

/**
 * The invite to which a token leads. Bad, revoked, expired and used up (for somebody who has not used it) are all 404.
 * @param userId null: somebody who has used no invite yet
 */
export async function inviteOf(token: string, userId: string | null, deps: HttpDeps): Promise<GoodInvite | Problem> {
  const tokenHash = inviteHash(token);
  const sessionId = await deps.stores.sessions.findByInvite(tokenHash);
  const door = sessionId === undefined ? undefined : await deps.running.door(sessionId, userId ?? "", tokenHash);
  const invite = [...(door?.list.invites.values() ?? [])].find((one) => one.tokenHash === tokenHash);
  if (door === undefined || invite === undefined) return notFound();
  const { row, list } = door;
  const { removal } = userId === null ? NO_MEMBERSHIP : await readMembership(row.campaignId, userId, deps);
  const isGood = inviteUsable(list, invite, { userId: userId ?? "", removal }, deps.clock.now());
  return isGood ? { invite, row } : notFound();
}
