import { isInvitee } from "../core/access-list.ts";
import { needsApproval } from "../core/knocks.ts";
import type { Actor, Role } from "../core/session.ts";
import { shownName } from "../core/shown-name.ts";
import type { Claims } from "../identity/claims.ts";
import type { SessionDoor } from "../live/stored-sessions.ts";
import type { Campaign, Member, Membership } from "../ports/campaigns.ts";
import type { SessionRow } from "../ports/sessions.ts";
import type { HttpDeps } from "./deps.ts";
import { approvalNeeded, isProblem, notFound, type Problem, problem, unavailable } from "./problem.ts";
import type { Asking } from "./route.ts";

/** A campaign, for one of its members. */
export interface MembersCampaign {
  readonly campaign: Campaign;
  readonly member: Member;
}

/** A session, for somebody who may know of it. What is in it is read when it is known what they may. */
export interface KnownSession {
  readonly row: SessionRow;
  /** undefined: an invitee */
  readonly member: Member | undefined;
  /** as what a join would let them in */
  readonly role: Role;
  readonly membership: Membership;
  /** whether a GM has to admit them before they may see what is in it */
  readonly mustWait: boolean;
}

/** What opens `/api/admin`. A guest's token is for a session alone. */
export function operatorsOnly(claims: Claims): Problem | undefined {
  const isOperator = claims.roles.includes("operator") && claims.guestOf === undefined;
  return isOperator ? undefined : problem("forbidden", "Only an operator may do this.");
}

/** A campaign with its members as they now are: a change of them that was told meanwhile is newer than what was read. */
export async function readCampaign(campaignId: string, { stores, running }: HttpDeps): Promise<Campaign | undefined> {
  const { memberChanges } = running;
  const since = memberChanges.count;
  const campaign = await stores.campaigns.find(campaignId);
  return campaign && memberChanges.applied(campaign, since);
}

/** What it says of one person now: the same. Costs the same whether there is such a campaign or not. */
export async function readMembership(
  campaignId: string,
  userId: string,
  { stores, running }: Pick<HttpDeps, "stores" | "running">,
): Promise<Membership> {
  const { memberChanges } = running;
  const since = memberChanges.count;
  const membership = await stores.campaigns.findMembership(campaignId, userId);
  return memberChanges.appliedTo(campaignId, userId, membership, since);
}

/** Both, of one moment. */
export async function readCampaignFor(campaignId: string, userId: string, { stores, running }: HttpDeps) {
  const { memberChanges } = running;
  const since = memberChanges.count;
  const [campaign, membership] = await Promise.all([
    stores.campaigns.find(campaignId),
    stores.campaigns.findMembership(campaignId, userId),
  ]);
  return {
    campaign: campaign && memberChanges.applied(campaign, since),
    membership: memberChanges.appliedTo(campaignId, userId, membership, since),
  };
}

/** A campaign is 404 to whoever is no member of it, and to every guest. */
export async function findCampaign(asking: Asking<"campaignId">): Promise<MembersCampaign | Problem> {
  if (asking.claims.guestOf !== undefined) return notFound();
  const campaign = await readCampaign(asking.params.campaignId, asking.deps);
  const member = campaign && memberOf(campaign, asking.claims.userId);
  return campaign === undefined || member === undefined ? notFound() : { campaign, member };
}

/** See `knownTo`; nothing is read of what is in the session. */
export async function findSession(asking: Asking<"sessionId">): Promise<KnownSession | Problem> {
  const { deps, params, claims } = asking;
  if (claims.guestOf !== undefined && claims.guestOf !== params.sessionId) return notFound();
  const door = await deps.running.door(params.sessionId, claims.userId);
  // Asked for in any case: that there is no such session is not to be told by the time.
  const membership = await readMembership(door?.row.campaignId ?? "", claims.userId, deps);
  return door === undefined ? notFound() : knownTo(claims, door, membership);
}

/**
 * A session is 404 to whoever is neither member nor invitee, and to other sessions' guests; 403 to those who were one of
 * them and are banned. A GM is never taken for banned.
 */
export function knownTo(
  { userId, guestOf }: Claims,
  { row, list, hasPlace }: SessionDoor,
  membership: Membership,
): KnownSession | Problem {
  const { member, removal } = membership;
  if (guestOf !== undefined && guestOf !== row.sessionId) return notFound();
  const role = member?.role ?? list.invitees.get(userId)?.role;
  if (role === undefined) return notFound();
  if (role !== "gm" && list.banned.has(userId)) return problem("banned", "A GM banned you from this session.");
  if (member === undefined && !isInvitee(list, { userId, removal })) return notFound();
  const mustWait = needsApproval(row, { role, hasPlace, removal }, list.knocks.get(userId));
  return { row, member, role, membership, mustWait };
}

/** Right: GMs of the campaign alone. */
export function gmOnly({ member }: { readonly member: Member | undefined }): Problem | undefined {
  return member?.role === "gm" ? undefined : problem("forbidden", "Only a GM of the campaign may do this.");
}

/** What somebody is told who ceased to be a GM, or a member, while they were about to change the campaign. */
export async function noGmAnyMore(asking: Asking<"campaignId">): Promise<Problem> {
  const found = await findCampaign(asking);
  return isProblem(found) ? found : (gmOnly(found) ?? unavailable());
}

/** Right: whoever may come in without being admitted first, or has been. */
export function admittedOnly({ mustWait }: KnownSession): Problem | undefined {
  return mustWait ? approvalNeeded() : undefined;
}

/** Right: members of the campaign, not invitees. */
export function membersOnly({ member }: KnownSession): Problem | undefined {
  return member === undefined ? problem("forbidden", "Only members of the campaign may see this.") : undefined;
}

/** Right: everybody but guests. */
export function noGuests(_found: unknown, { claims }: Asking): Problem | undefined {
  return claims.guestOf === undefined
    ? undefined
    : problem("forbidden", "A guest's token is good for one session alone.");
}

export function memberOf(campaign: Campaign, userId: string): Member | undefined {
  return campaign.members.find((member) => member.userId === userId);
}

/** A member who acts, by the name under which they are shown. */
export function actorOf(member: Member, claims: Claims): Actor {
  const { userId, role } = member;
  return { userId, name: shownName(member.name, claims.name, userId), role, via: "member" };
}
