import { MAX_MEMBERS, MAX_OPEN_SESSIONS, MAX_SESSIONS } from "../core/ceilings.ts";
import type { Campaign, ChangeRefused, Member } from "../ports/campaigns.ts";

/** A campaign with a member added (last) or changed (in their place); a `name` of undefined keeps the one there is. */
export function withMember(
  campaign: Campaign,
  { userId, role, name }: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
  by?: string,
): Campaign | ChangeRefused {
  if (!isLedBy(campaign, by)) return "not_gm";
  const former = campaign.members.find((member) => member.userId === userId);
  if (former === undefined && campaign.members.length >= MAX_MEMBERS) return "limit_reached";
  const member: Member = { userId, role, name: name ?? former?.name ?? null };
  const members =
    former === undefined ? [...campaign.members, member] : campaign.members.map((m) => (m === former ? member : m));
  return led({ ...campaign, members });
}

/** A campaign without a member. */
export function withoutMember(
  campaign: Campaign,
  userId: string,
  by?: string,
): Campaign | ChangeRefused | "not_member" {
  if (by !== userId && !isLedBy(campaign, by)) return "not_gm";
  const members = campaign.members.filter((member) => member.userId !== userId);
  if (members.length === campaign.members.length) return "not_member";
  return led({ ...campaign, members, removals: campaign.removals + 1 });
}

/** Whether somebody is a GM of a campaign; the server itself, undefined, needs not be. */
export function isLedBy({ members }: Pick<Campaign, "members">, by: string | undefined): boolean {
  return by === undefined || members.some(({ userId, role }) => userId === by && role === "gm");
}

/** Whether a campaign with so many sessions takes no further one. @param open of those, how many have not ended */
export function isFull({ all, open }: { readonly all: number; readonly open: number }): boolean {
  return all >= MAX_SESSIONS || open >= MAX_OPEN_SESSIONS;
}

function led(campaign: Campaign): Campaign | "last_gm" {
  return campaign.members.some((member) => member.role === "gm") ? campaign : "last_gm";
}
