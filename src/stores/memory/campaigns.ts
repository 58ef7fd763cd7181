import type { Campaign, Campaigns, Member } from "../../ports/campaigns.ts";
import type { Page } from "../../ports/sessions.ts";
import { newestFirst, pageOf, positionOf } from "../cursor.ts";
import { withMember, withoutMember } from "../membership.ts";
import type { MemoryBacking } from "./backing.ts";

/** Campaigns in memory. Each change is one synchronous step, hence atomic. */
export class MemoryCampaigns implements Campaigns {
  readonly #backing: MemoryBacking;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  async create(campaign: Campaign): Promise<void> {
    if (!this.#backing.campaigns.has(campaign.id)) this.#keep(structuredClone(campaign));
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    return structuredClone(this.#backing.campaigns.get(campaignId));
  }

  async findMember(campaignId: string, userId: string): Promise<Member | undefined> {
    const members = this.#backing.campaigns.get(campaignId)?.members;
    return structuredClone(members?.find((member) => member.userId === userId));
  }

  async listOf(userId: string, query: { readonly limit: number; readonly cursor?: string }): Promise<Page<Campaign>> {
    const after = query.cursor === undefined ? undefined : positionOf(query.cursor);
    const campaigns = [...this.#backing.campaigns.values()]
      .filter((campaign) => campaign.members.some((member) => member.userId === userId))
      .filter((campaign) => after === undefined || newestFirst(campaign, after) > 0)
      .sort(newestFirst);
    return pageOf(structuredClone(campaigns.slice(0, query.limit + 1)), query.limit, (campaign) => campaign);
  }

  async putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
  ): Promise<Campaign | "last_gm" | undefined> {
    const campaign = this.#backing.campaigns.get(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withMember(campaign, member);
    return changed === "last_gm" ? changed : this.#keep(changed);
  }

  async removeMember(campaignId: string, userId: string): Promise<Campaign | "last_gm" | "not_member" | undefined> {
    const campaign = this.#backing.campaigns.get(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withoutMember(campaign, userId);
    return typeof changed === "string" ? changed : this.#keep(changed);
  }

  #keep(campaign: Campaign): Campaign {
    this.#backing.campaigns.set(campaign.id, campaign);
    return structuredClone(campaign);
  }
}
