import {
  type Campaign,
  type Campaigns,
  type FormerMember,
  type Member,
  type Membership,
  type NewCampaign,
  NO_MEMBERSHIP,
} from "../../ports/campaigns.ts";
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

  async create(campaign: NewCampaign, former: readonly FormerMember[] = []): Promise<void> {
    if (this.#backing.campaigns.has(campaign.id)) return;
    this.#keep({ removals: 0, ...structuredClone(campaign) });
    for (const { userId, removal } of former) this.#formerOf(campaign.id).set(userId, removal);
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    return structuredClone(this.#backing.campaigns.get(campaignId));
  }

  async findMembership(campaignId: string, userId: string): Promise<Membership> {
    const campaign = this.#backing.campaigns.get(campaignId);
    if (campaign === undefined) return NO_MEMBERSHIP;
    return structuredClone({
      member: campaign.members.find((member) => member.userId === userId),
      removal: this.#formerOf(campaignId).get(userId) ?? 0,
      removals: campaign.removals,
    });
  }

  async formerMembers(campaignId: string, after: string, limit: number): Promise<FormerMember[]> {
    return Array.from(this.#formerOf(campaignId), ([userId, removal]) => ({ userId, removal }))
      .filter(({ userId }) => isAfter(userId, after))
      .sort((a, b) => (isAfter(a.userId, b.userId) ? 1 : -1))
      .slice(0, limit);
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
    if (typeof changed === "string") return changed;
    this.#formerOf(campaignId).set(userId, changed.removals);
    return this.#keep(changed);
  }

  #formerOf(campaignId: string): Map<string, number> {
    const former = this.#backing.formerMembers.get(campaignId) ?? new Map<string, number>();
    this.#backing.formerMembers.set(campaignId, former);
    return former;
  }

  #keep(campaign: Campaign): Campaign {
    this.#backing.campaigns.set(campaign.id, campaign);
    return structuredClone(campaign);
  }
}

/** In the order of their UTF-8 bytes, as databases have it. */
function isAfter(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
}
