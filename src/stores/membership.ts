import type { Campaign, Member } from "../ports/campaigns.ts";

/** A campaign with a member added (last) or changed (in their place); a `name` of undefined keeps the one there is. */
export function withMember(
  campaign: Campaign,
  { userId, role, name }: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
): Campaign | "last_gm" {
  const former = campaign.members.find((member) => member.userId === userId);
  const member: Member = { userId, role, name: name ?? former?.name ?? null };
  const members =
    former === undefined ? [...campaign.members, member] : campaign.members.map((m) => (m === former ? member : m));
  return led({ ...campaign, members });
}

/** A campaign without a member. */
export function withoutMember(campaign: Campaign, userId: string): Campaign | "last_gm" | "not_member" {
  const members = campaign.members.filter((member) => member.userId !== userId);
  if (members.length === campaign.members.length) return "not_member";
  return led({ ...campaign, members, removals: campaign.removals + 1 });
}

function led(campaign: Campaign): Campaign | "last_gm" {
  return campaign.members.some((member) => member.role === "gm") ? campaign : "last_gm";
}
