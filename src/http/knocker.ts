import { inviteIdIn } from "../core/access-list.ts";
import { inviteHash } from "../core/invite-hash.ts";
import { isObject } from "../core/json.ts";
import { needsApproval } from "../core/knocks.ts";
import type { Claims } from "../identity/claims.ts";
import { type Denial, type Standing, standingOf, type Visitor } from "../live/admission.ts";
import type { LiveSession } from "../live/sessions.ts";
import { doorOf, type SessionDoor } from "../live/stored-sessions.ts";
import type { Membership } from "../ports/campaigns.ts";
import type { SessionRow } from "../ports/sessions.ts";
import { readMembership } from "./access.ts";
import { hasEnded, unauthenticated } from "./authenticate.ts";
import type { HttpDeps } from "./deps.ts";
import { isProblem, notFound, type Problem, problem } from "./problem.ts";
import type { Asking } from "./route.ts";

const LONGEST_INVITE = 256;

/** Somebody who may knock: they could join, were it not for the waiting room. */
export interface Knocker {
  readonly row: SessionRow;
  readonly standing: Standing;
  readonly removal: number;
  /** whether a GM has to admit them first */
  readonly mustWait: boolean;
  readonly hasKnocked: boolean;
}

/** Existence: 404 to whoever could not join. @param json the body, which may bring an invite */
export async function findKnocker(asking: Asking<"sessionId">, json?: unknown): Promise<Knocker | Problem> {
  const { claims, deps, params } = asking;
  const hash = inviteHashIn(json);
  const door = await deps.running.door(params.sessionId, claims.userId, hash);
  // Asked for in any case: that there is no such session is not to be told by the time.
  const membership = await readMembership(door?.row.campaignId ?? "", claims.userId, deps);
  return door === undefined ? notFound() : knockerIn(claims, door, membership, hash, deps);
}

/**
 * Opens a session and lets somebody who may knock do something there with the rights that they have then.
 * @param decide is called at once, or not at all
 * @throws as `decideIn`
 */
export async function decideAtDoor<Outcome>(
  asking: Asking<"sessionId">,
  json: unknown,
  decide: (session: LiveSession, knocker: Knocker) => Outcome,
): Promise<Awaited<Outcome> | Problem> {
  const { claims, deps, params } = asking;
  const session = await deps.running.open(params.sessionId);
  const { committed } = session;
  const membership = await readMembership(committed.campaignId, claims.userId, deps);
  if (hasEnded(claims, deps)) return unauthenticated();
  const knocker = knockerIn(claims, doorOf(committed, claims.userId), membership, inviteHashIn(json), deps);
  return isProblem(knocker) ? knocker : await decide(session, knocker);
}

function knockerIn(
  { userId, name, guestOf }: Claims,
  { row, list, hasPlace }: SessionDoor,
  { member, removal }: Membership,
  hash: string | undefined,
  { clock }: Pick<HttpDeps, "clock">,
): Knocker | Problem {
  if (guestOf !== undefined && guestOf !== row.sessionId) return notFound();
  const knock = list.knocks.get(userId);
  const standingBy = (inviteHash: string | undefined): Standing | Denial => {
    const visitor: Visitor = { userId, name, member, removal, inviteHash };
    return standingOf(list, visitor, clock.now());
  };
  let standing = standingBy(hash);
  // Who brought an invite when they knocked need not bring it again.
  const invite = list.invites.get((knock && inviteIdIn(knock.via)) ?? "");
  if (standing === "not_found" && invite !== undefined) standing = standingBy(invite.tokenHash);
  if (standing === "banned") {
    const isKnown = member !== undefined || list.invitees.has(userId);
    return isKnown ? problem("banned", "A GM banned you from this session.") : notFound();
  }
  if (typeof standing === "string") return notFound();
  const mustWait = needsApproval(row, { role: standing.role, hasPlace, removal }, knock);
  return { row, standing, removal, mustWait, hasKnocked: knock !== undefined };
}

function inviteHashIn(json: unknown): string | undefined {
  if (!isObject(json) || typeof json.invite !== "string" || json.invite.length > LONGEST_INVITE) return undefined;
  return inviteHash(json.invite);
}
