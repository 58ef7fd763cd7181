import type { Campaign, Campaigns, FormerMember, Member, Membership, NewCampaign } from "../../ports/campaigns.ts";
import { StoreUnavailable } from "../../ports/failures.ts";
import type { Page } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { withMember, withoutMember } from "../membership.ts";
import { ANSWER_WITHIN_MS, isDuplicate, reading, writing } from "./answer.ts";
import { MongoFormerMembers } from "./former-members.ts";
import { olderThan } from "./list-query.ts";
import type { CampaignDocument, Models } from "./models.ts";

/**
 * Campaigns, one document each with its members. A change is decided on what was read and stored only if nothing came in
 * between (`revision`), else it is decided anew: atomic without transactions.
 */
export class MongoCampaigns implements Campaigns {
  readonly #campaigns: Models["campaigns"];
  readonly #former: MongoFormerMembers;

  constructor(models: Models) {
    this.#campaigns = models.campaigns;
    this.#former = new MongoFormerMembers(models);
  }

  async create(
    { id, name, createdAt, members, removals = 0 }: NewCampaign,
    former: readonly FormerMember[] = [],
  ): Promise<void> {
    for (const one of former) await this.#former.note(id, one);
    try {
      await writing(this.#campaigns.create({ _id: id, name, createdAt, members: [...members], removals, revision: 1 }));
    } catch (error) {
      // The same call, again.
      if (!isDuplicate(error)) throw error;
    }
  }

  async find(campaignId: string): Promise<Campaign | undefined> {
    const found = await this.#read(campaignId);
    return found === null ? undefined : campaignOf(found);
  }

  async findMembership(campaignId: string, userId: string): Promise<Membership> {
    const parts = { members: { $elemMatch: { userId } }, removals: 1 };
    const found = await reading(this.#campaigns.findById(campaignId, parts).lean<CampaignDocument>().exec());
    const [member] = found?.members ?? [];
    // Read afterwards: whoever is no member by then is noted as taken out.
    const removal = await this.#former.removalOf(campaignId, userId);
    return {
      member: member && { userId: member.userId, name: member.name ?? null, role: member.role },
      removal: found === null ? 0 : removal,
      removals: found?.removals ?? 0,
    };
  }

  formerMembers(campaignId: string, after: string, limit: number): Promise<FormerMember[]> {
    return this.#former.of(campaignId, after, limit);
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
    // Noted before it is true, and of no account until then: a member's removals are past.
    return this.#change(
      campaignId,
      (campaign) => withoutMember(campaign, userId),
      ({ removals }, withinMs) => this.#former.note(campaignId, { userId, removal: removals }, withinMs),
    );
  }

  async #change<No extends string>(
    campaignId: string,
    change: (campaign: Campaign) => Campaign | No,
    before: (changed: Campaign, withinMs: number) => Promise<void> = async () => {},
  ): Promise<Campaign | No | undefined> {
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    while (performance.now() < deadline) {
      const found = await this.#read(campaignId);
      if (found === null) return undefined;
      const changed = change(campaignOf(found));
      if (typeof changed === "string") return changed;
      await before(changed, deadline - performance.now());
      const { members, removals } = changed;
      const update = { $set: { members: [...members], removals, revision: found.revision + 1 } };
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

function campaignOf({ _id, name, createdAt, members, removals = 0 }: CampaignDocument): Campaign {
  const known = members.map(({ userId, name, role }) => ({ userId, name, role }));
  return { id: _id, name, createdAt, members: known, removals };
}
