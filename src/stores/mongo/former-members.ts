import type { FormerMember } from "../../ports/campaigns.ts";
import { reading, writing } from "./answer.ts";
import type { FormerMemberDocument, Models } from "./models.ts";

/** Those who were taken out of campaigns, a document each, so that a campaign's own stays small. */
export class MongoFormerMembers {
  readonly #former: Models["formerMembers"];

  constructor({ formerMembers }: Models) {
    this.#former = formerMembers;
  }

  /** @throws as `writing` */
  async note(campaignId: string, { userId, removal }: FormerMember, withinMs?: number): Promise<void> {
    const update = { $set: { campaignId, userId }, $max: { removal } };
    await writing(this.#former.updateOne({ _id: idOf(campaignId, userId) }, update, { upsert: true }).exec(), withinMs);
  }

  /** @returns 0: nobody took them out @throws StoreUnavailable */
  async removalOf(campaignId: string, userId: string): Promise<number> {
    const found = this.#former.findById(idOf(campaignId, userId)).lean<FormerMemberDocument>().exec();
    return (await reading(found))?.removal ?? 0;
  }

  /** By rising id, at most `limit`. @throws StoreUnavailable */
  async of(campaignId: string, after: string, limit: number): Promise<FormerMember[]> {
    const query = this.#former.find({ campaignId, userId: { $gt: after } }).sort({ userId: 1 });
    const found = await reading(query.limit(limit).lean<FormerMemberDocument[]>().exec());
    return found.map(({ userId, removal }) => ({ userId, removal }));
  }
}

/** One text for both, whatever is in them. */
function idOf(campaignId: string, userId: string): string {
  return JSON.stringify([campaignId, userId]);
}
