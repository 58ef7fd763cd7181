import { MAX_CAMPAIGNS_PER_USER } from "../../core/ceilings.ts";
import type { LogRecord } from "../../core/record.ts";
import {
  type Campaign,
  type Campaigns,
  type ChangeRefused,
  type FormerMember,
  type Member,
  type Membership,
  type NewCampaign,
  NO_MEMBERSHIP,
  type SessionRefused,
} from "../../ports/campaigns.ts";
import type { Projection } from "../../ports/log.ts";
import type { Page } from "../../ports/sessions.ts";
import { newestFirst, pageOf, positionOf } from "../cursor.ts";
import { isFull, isLedBy, withMember, withoutMember } from "../membership.ts";
import type { MemoryBacking } from "./backing.ts";
import type { MemoryLog } from "./log.ts";

/** Campaigns in memory. Each change is one synchronous step, hence atomic. */
export class MemoryCampaigns implements Campaigns {
  readonly #backing: MemoryBacking;
  readonly #log: MemoryLog;

  /** @param log appends in the same turn of the loop in which it is asked */
  constructor(backing: MemoryBacking, log: MemoryLog) {
    this.#backing = backing;
    this.#log = log;
  }

  async create({ former = [], ...campaign }: NewCampaign, by?: string): Promise<"created" | "limit_reached"> {
    const { campaigns, creators } = this.#backing;
    if (campaigns.has(campaign.id)) return "created";
    if (by !== undefined) {
      const created = [...creators.values()].filter((userId) => userId === by).length;
      if (created >= MAX_CAMPAIGNS_PER_USER) return "limit_reached";
      creators.set(campaign.id, by);
    }
    this.#keep({ removals: 0, ...structuredClone(campaign) });
    for (const { userId, removal } of former) this.#formerOf(campaign.id).set(userId, removal);
    return "created";
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

  async ledBy(userId: string): Promise<readonly Pick<Campaign, "id" | "name">[]> {
    return [...this.#backing.campaigns.values()]
      .filter(({ members }) => members.some((member) => member.userId === userId && member.role === "gm"))
      .map(({ id, name }) => ({ id, name }));
  }

  async putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
    by?: string,
  ): Promise<Campaign | ChangeRefused | undefined> {
    const campaign = this.#backing.campaigns.get(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withMember(campaign, member, by);
    return typeof changed === "string" ? changed : this.#keep(changed);
  }

  async removeMember(
    campaignId: string,
    userId: string,
    by?: string,
  ): Promise<Campaign | ChangeRefused | "not_member" | undefined> {
    const campaign = this.#backing.campaigns.get(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withoutMember(campaign, userId, by);
    if (typeof changed === "string") return changed;
    this.#formerOf(campaignId).set(userId, changed.removals);
    return this.#keep(changed);
  }

  async addSession(
    campaignId: string,
    first: LogRecord,
    projection: Projection,
    by: string,
  ): Promise<"added" | SessionRefused> {
    const { campaigns, rows } = this.#backing;
    if (!isLedBy(campaigns.get(campaignId) ?? { members: [] }, by)) return "not_gm";
    const others = [...rows.values()].filter((row) => row.campaignId === campaignId);
    const isNew = others.every(({ sessionId }) => sessionId !== first.sessionId);
    const open = others.filter(({ status }) => status !== "ended").length;
    if (isNew && isFull({ all: others.length, open })) return "limit_reached";
    await this.#log.append([first], projection);
    return "added";
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
