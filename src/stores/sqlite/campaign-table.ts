import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_CAMPAIGNS_PER_USER } from "../../core/ceilings.ts";
import {
  type Campaign,
  type ChangeRefused,
  type FormerMember,
  type Member,
  type Membership,
  type NewCampaign,
  NO_MEMBERSHIP,
} from "../../ports/campaigns.ts";
import type { ListPosition } from "../cursor.ts";
import { withMember, withoutMember } from "../membership.ts";

/** The statements on `campaign`, `member` and `former_member`. */
export class CampaignTable {
  readonly #create: StatementSync;
  readonly #createdBy: StatementSync;
  readonly #find: StatementSync;
  readonly #members: StatementSync;
  readonly #member: StatementSync;
  readonly #listOf: StatementSync;
  readonly #ledBy: StatementSync;
  readonly #putMember: StatementSync;
  readonly #removeMember: StatementSync;
  readonly #membership: StatementSync;
  readonly #putFormer: StatementSync;
  readonly #former: StatementSync;
  readonly #countRemovals: StatementSync;

  constructor(db: DatabaseSync) {
    this.#create = db.prepare(
      "INSERT INTO campaign (id, name, created_at, removals, created_by) VALUES (?, ?, ?, ?, ?)",
    );
    this.#createdBy = db.prepare("SELECT count(*) AS n FROM campaign WHERE created_by = ?");
    this.#find = db.prepare("SELECT id, name, created_at AS createdAt, removals FROM campaign WHERE id = ?");
    this.#members = db.prepare("SELECT user_id AS userId, name, role FROM member WHERE campaign_id = ? ORDER BY n");
    this.#member = db.prepare("SELECT user_id AS userId, name, role FROM member WHERE campaign_id = ? AND user_id = ?");
    this.#ledBy = db.prepare(
      "SELECT id, campaign.name AS name FROM member JOIN campaign ON id = campaign_id WHERE user_id = ? AND role = 'gm'",
    );
    this.#listOf = db.prepare(
      `SELECT id, campaign.name, created_at AS createdAt, removals FROM member JOIN campaign ON id = campaign_id
       WHERE user_id = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`,
    );
    this.#putMember = db.prepare(
      `INSERT INTO member SELECT :campaign, :userId, ifnull(max(n), 0) + 1, :name, :role
       FROM member WHERE campaign_id = :campaign
       ON CONFLICT DO UPDATE SET name = excluded.name, role = excluded.role`,
    );
    this.#removeMember = db.prepare("DELETE FROM member WHERE campaign_id = ? AND user_id = ?");
    this.#membership = db.prepare(
      `SELECT removals, removal FROM campaign
       LEFT JOIN former_member ON campaign_id = id AND user_id = :userId WHERE id = :campaign`,
    );
    this.#putFormer = db.prepare(
      "INSERT INTO former_member VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET removal = excluded.removal",
    );
    this.#former = db.prepare(
      `SELECT user_id AS userId, removal FROM former_member
       WHERE campaign_id = ? AND user_id > ? ORDER BY user_id LIMIT ?`,
    );
    this.#countRemovals = db.prepare("UPDATE campaign SET removals = ? WHERE id = ?");
  }

  create(campaign: NewCampaign, by: string | null): "created" | "limit_reached" {
    const { id, name, createdAt, members, removals = 0, former = [] } = campaign;
    if (this.#find.get(id) !== undefined) return "created";
    if (by !== null && Number(this.#createdBy.get(by)?.n) >= MAX_CAMPAIGNS_PER_USER) return "limit_reached";
    this.#create.run(id, name, createdAt, removals, by);
    for (const member of members) this.#put(id, member);
    for (const { userId, removal } of former) this.#putFormer.run(id, userId, removal);
    return "created";
  }

  find(campaignId: string): Campaign | undefined {
    const found = this.#find.get(campaignId);
    return found === undefined ? undefined : this.#whole(found as unknown as Omit<Campaign, "members">);
  }

  findMembership(campaignId: string, userId: string): Membership {
    const member = this.#member.get(campaignId, userId);
    const found = this.#membership.get({ campaign: campaignId, userId });
    if (found === undefined) return NO_MEMBERSHIP;
    return {
      member: member === undefined ? undefined : ({ ...member } as unknown as Member),
      removal: Number(found.removal ?? 0),
      removals: Number(found.removals),
    };
  }

  formerMembers(campaignId: string, after: string, limit: number): FormerMember[] {
    return this.#former.all(campaignId, after, limit).map((row) => ({ ...row }) as unknown as FormerMember);
  }

  listOf(userId: string, after: ListPosition, limit: number): Campaign[] {
    const found = this.#listOf.all(userId, after.createdAt, after.id, limit);
    return found.map((campaign) => this.#whole(campaign as unknown as Omit<Campaign, "members">));
  }

  ledBy(userId: string): Pick<Campaign, "id" | "name">[] {
    return this.#ledBy.all(userId).map(({ id, name }) => ({ id: String(id), name: String(name) }));
  }

  putMember(
    campaignId: string,
    userId: string,
    role: Member["role"],
    name: string | null,
    by: string | undefined,
  ): Campaign | ChangeRefused | undefined {
    const campaign = this.find(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withMember(campaign, { userId, role, ...(name === null ? {} : { name }) }, by);
    if (typeof changed === "string") return changed;
    const member = changed.members.find((member) => member.userId === userId);
    if (member !== undefined) this.#put(campaignId, member);
    return changed;
  }

  removeMember(
    campaignId: string,
    userId: string,
    by: string | undefined,
  ): Campaign | ChangeRefused | "not_member" | undefined {
    const campaign = this.find(campaignId);
    if (campaign === undefined) return undefined;
    const changed = withoutMember(campaign, userId, by);
    if (typeof changed === "string") return changed;
    this.#removeMember.run(campaignId, userId);
    this.#putFormer.run(campaignId, userId, changed.removals);
    this.#countRemovals.run(changed.removals, campaignId);
    return changed;
  }

  #put(campaign: string, { userId, name, role }: Member): void {
    this.#putMember.run({ campaign, userId, name, role });
  }

  #whole({ id, name, createdAt, removals }: Omit<Campaign, "members">): Campaign {
    const members = this.#members.all(id) as unknown as Member[];
    return { id, name, createdAt, members: members.map((member) => ({ ...member })), removals };
  }
}
