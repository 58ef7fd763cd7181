import type { Campaigns } from "../../ports/campaigns.ts";

const MOST = 10_000;

/** The names of campaigns, which never change: each is read once, as long as it is among the newest asked for. */
export class CampaignNames {
  readonly #campaigns: Pick<Campaigns, "find">;
  readonly #names = new Map<string, string>();

  constructor(campaigns: Pick<Campaigns, "find">) {
    this.#campaigns = campaigns;
  }

  /** @returns its id where there is no such campaign @throws StoreUnavailable */
  async of(campaignId: string): Promise<string> {
    const known = this.#names.get(campaignId);
    if (known !== undefined) return known;
    const campaign = await this.#campaigns.find(campaignId);
    if (campaign === undefined) return campaignId;
    this.#names.set(campaignId, campaign.name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST && oldest !== undefined) this.#names.delete(oldest);
    return campaign.name;
  }
}
