import { isPathSegment } from "../../core/paths.ts";
import { StoredName } from "../../core/settings.ts";
import type { Campaigns } from "../../ports/campaigns.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import { type Finding, finding, reasonWithoutContent } from "./finding.ts";

/** Looks a campaign over: that it can be read, that somebody leads it, that its members are what they can be. */
export async function lookAtCampaign(campaignId: string, campaigns: Campaigns): Promise<Finding[]> {
  const where = { campaignId };
  const unreadable = (why: string) => [finding("campaign_unreadable", where, `it cannot be read: ${why}`)];
  try {
    const campaign = await campaigns.find(campaignId);
    if (campaign === undefined) return unreadable("the store has no such campaign, but its id");
    const { name, members } = campaign;
    const found: Finding[] = [];
    if (!StoredName.safeParse(name).success) found.push(finding("campaign_name", where, "its name is no name"));
    if (!members.some(({ role }) => role === "gm")) {
      found.push(finding("campaign_without_gm", where, "it has no GM: nobody can lead it"));
    }
    const met = new Set<string>();
    for (const { userId, name: shown } of members) {
      if (met.has(userId)) found.push(finding("campaign_member_twice", where, `${userId} is a member twice`));
      met.add(userId);
      const isNamed = isPathSegment(userId) && (shown === null || StoredName.safeParse(shown).success);
      if (!isNamed) found.push(finding("campaign_name", where, "a member's id or name is none"));
    }
    return found;
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof OutcomeUnknown) throw error;
    return unreadable(reasonWithoutContent(error));
  }
}
