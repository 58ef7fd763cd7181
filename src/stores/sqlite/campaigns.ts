import type { Campaign, Campaigns, FormerMember, Member, Membership, NewCampaign } from "../../ports/campaigns.ts";
import type { Page } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import type { FileAccess } from "./file-access.ts";
import { BEFORE_NEWEST } from "./session-table.ts";

/** Campaigns in SQLite. Each change reads and writes in one transaction. */
export class SqliteCampaigns implements Campaigns {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async create(campaign: NewCampaign, former: readonly FormerMember[] = []): Promise<void> {
    await this.#file.call("createCampaign", campaign, former);
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    return this.#file.call("findCampaign", campaignId);
  }

  async findMembership(campaignId: string, userId: string): Promise<Membership> {
    return this.#file.call("findMembership", campaignId, userId);
  }

  async formerMembers(campaignId: string, after: string, limit: number): Promise<FormerMember[]> {
    return this.#file.call("formerMembers", campaignId, after, limit);
  }

  async listOf(
    userId: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Campaign>> {
    const after = cursor === undefined ? BEFORE_NEWEST : positionOf(cursor);
    return pageOf(await this.#file.call("listCampaigns", userId, after, limit + 1), limit, (campaign) => campaign);
  }

  async putMember(
    campaignId: string,
    { userId, role, name }: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
  ): Promise<Campaign | "last_gm" | undefined> {
    return this.#file.call("putMember", campaignId, userId, role, name ?? null);
  }

  async removeMember(campaignId: string, userId: string): Promise<Campaign | "last_gm" | "not_member" | undefined> {
    return this.#file.call("removeMember", campaignId, userId);
  }
}
