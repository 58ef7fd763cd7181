import type { Campaign, Campaigns, Member } from "../../ports/campaigns.ts";
import { StoreUnavailable } from "../../ports/failures.ts";
import type { Page } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { withMember, withoutMember } from "../membership.ts";
import { ANSWER_WITHIN_MS, isDuplicate, reading, writing } from "./answer.ts";
import { olderThan } from "./list-query.ts";
import type { CampaignDocument, Models } from "./models.ts";

/**
 * Campaigns, one document each with its members. A change is decided on what was read and stored only if nothing came in
 * between (`revision`), else it is decided anew: atomic without transactions.
 */
export class MongoCampaigns implements Campaigns {
  readonly #campaigns: Models["campaigns"];

  constructor({ campaigns }: Models) {
    this.#campaigns = campaigns;
  }

  async create({ id, name, createdAt, members }: Campaign): Promise<void> {
    try {
      await writing(this.#campaigns.create({ _id: id, name, createdAt, members: [...members], revision: 1 }));
    } catch (error) {
      // The same call, again.
      if (!isDuplicate(error)) throw error;
    }
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    const found = await this.#read(campaignId);
    return found === null ? undefined : campaignOf(found);
  }

  async findMember(campaignId: string, userId: string): Promise<Member | undefined> {
    const members = { members: { $elemMatch: { userId } } };
    const found = await reading(this.#campaigns.findById(campaignId, members).lean<CampaignDocument>().exec());
    const [member] = found?.members ?? [];
    return member && { userId: member.userId, name: member.name ?? null, role: member.role };
  }

  async listOf(
    userId: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Campaign>> {
    const after = cursor === undefined ? {} : olderThan(positionOf(cursor));
    const query = this.#campaigns.find({ "members.userId": userId, ...after }).sort({ createdAt: -1, _id: -1 });
    const found = await reading(
      query
        .limit(limit + 1)
        .lean()
        .exec(),
    );
    return pageOf(found.map(campaignOf), limit, (campaign) => campaign);
  }

  putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
  ): Promise<Campaign | "last_gm" | undefined> {
    return this.#change(campaignId, (campaign) => withMember(campaign, member));
  }

  removeMember(campaignId: string, userId: string): Promise<Campaign | "last_gm" | "not_member" | undefined> {
    return this.#change(campaignId, (campaign) => withoutMember(campaign, userId));
  }

  async #change<No extends string>(
    campaignId: string,
    change: (campaign: Campaign) => Campaign | No,
  ): Promise<Campaign | No | undefined> {
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    while (performance.now() < deadline) {
      const found = await this.#read(campaignId);
      if (found === null) return undefined;
      const changed = change(campaignOf(found));
      if (typeof changed === "string") return changed;
      const update = { $set: { members: [...changed.members], revision: found.revision + 1 } };
      const asItWas = { _id: campaignId, revision: found.revision };
      const { matchedCount } = await writing(
        this.#campaigns.updateOne(asItWas, update, { runValidators: true }).exec(),
        deadline - performance.now(),
      );
      if (matchedCount === 1) return changed;
    }
    throw new StoreUnavailable("others changed this campaign all the time");
  }

  #read(campaignId: string): Promise<CampaignDocument | null> {
    return reading(this.#campaigns.findById(campaignId).lean<CampaignDocument>().exec());
  }
}

function campaignOf({ _id, name, createdAt, members }: CampaignDocument): Campaign {
  return { id: _id, name, createdAt, members: members.map(({ userId, name, role }) => ({ userId, name, role })) };
}
