import type { LogRecord } from "../../core/record.ts";
import type {
  Campaign,
  Campaigns,
  ChangeRefused,
  FormerMember,
  Member,
  Membership,
  NewCampaign,
  SessionRefused,
} from "../../ports/campaigns.ts";
import type { Projection } from "../../ports/log.ts";
import type { Page } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { errorOf, type FileAccess } from "./file-access.ts";
import { BEFORE_NEWEST } from "./session-table.ts";

/** Campaigns in SQLite. Each change reads and writes in one transaction. */
export class SqliteCampaigns implements Campaigns {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async create(campaign: NewCampaign, by?: string): Promise<"created" | "limit_reached"> {
    return this.#file.call("createCampaign", campaign, by ?? null);
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

  ledBy(userId: string): Promise<readonly Pick<Campaign, "id" | "name">[]> {
    return this.#file.call("campaignsLedBy", userId);
  }

  async putMember(
    campaignId: string,
    { userId, role, name }: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
    by?: string,
  ): Promise<Campaign | ChangeRefused | undefined> {
    return this.#file.call("putMember", campaignId, userId, role, name ?? null, by);
  }

  async removeMember(
    campaignId: string,
    userId: string,
    by?: string,
  ): Promise<Campaign | ChangeRefused | "not_member" | undefined> {
    return this.#file.call("removeMember", campaignId, userId, by);
  }

  async addSession(
    campaignId: string,
    first: LogRecord,
    projection: Projection,
    by: string,
  ): Promise<"added" | SessionRefused> {
    const job = { sessionId: first.sessionId, records: [first], projection };
    const outcome = await this.#file.call("addSession", job, campaignId, by);
    if (typeof outcome !== "string") throw errorOf(outcome);
    return outcome;
  }
}
