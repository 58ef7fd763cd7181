import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_CAMPAIGNS_PER_USER } from "../../core/ceilings.ts";
import type { Campaign, ChangeRefused, Member } from "../../ports/campaigns.ts";
import type { ListPosition } from "../cursor.ts";
import { withMember, withoutMember } from "../membership.ts";

/** The statements on `campaign` and `member`. */
export class CampaignTable {
  readonly #create: StatementSync;
  readonly #createdBy: StatementSync;
  readonly #find: StatementSync;
  readonly #members: StatementSync;
  readonly #member: StatementSync;
  readonly #listOf: StatementSync;
  readonly #putMember: StatementSync;
  readonly #removeMember: StatementSync;

  constructor(db: DatabaseSync) {
    this.#create = db.prepare("INSERT INTO campaign (id, name, created_at, created_by) VALUES (?, ?, ?, ?)");
    this.#createdBy = db.prepare("SELECT count(*) AS n FROM campaign WHERE created_by = ?");
    this.#find = db.prepare("SELECT id, name, created_at AS createdAt FROM campaign WHERE id = ?");
    this.#members = db.prepare("SELECT user_id AS userId, name, role FROM member WHERE campaign_id = ? ORDER BY n");
    this.#member = db.prepare("SELECT user_id AS userId, name, role FROM member WHERE campaign_id = ? AND user_id = ?");
    this.#listOf = db.prepare(
      `SELECT id, campaign.name, created_at AS createdAt FROM member JOIN campaign ON id = campaign_id
       WHERE user_id = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`,
    );
    this.#putMember = db.prepare(
      `INSERT INTO member SELECT :campaign, :userId, ifnull(max(n), 0) + 1, :name, :role
       FROM member WHERE campaign_id = :campaign
       ON CONFLICT DO UPDATE SET name = excluded.name, role = excluded.role`,
    );
    this.#removeMember = db.prepare("DELETE FROM member WHERE campaign_id = ? AND user_id = ?");
  }

  create({ id, name, createdAt, members }: Campaign, by: string | null): "created" | "limit_reached" {
    if (this.#find.get(id) !== undefined) return "created";
    if (by !== null && Number(this.#createdBy.get(by)?.n) >= MAX_CAMPAIGNS_PER_USER) return "limit_reached";
    this.#create.run(id, name, createdAt, by);
    for (const member of members) this.#put(id, member);
    return "created";
  }

  find(campaignId: string): Campaign | undefined {
    const found = this.#find.get(campaignId);
    return found === undefined ? undefined : this.#whole(found as unknown as Omit<Campaign, "members">);
  }

  findMember(campaignId: string, userId: string): Member | undefined {
    const found = this.#member.get(campaignId, userId);
    return found === undefined ? undefined : ({ ...found } as unknown as Member);
  }

  listOf(userId: string, after: ListPosition, limit: number): Campaign[] {
    const found = this.#listOf.all(userId, after.createdAt, after.id, limit);
    return found.map((campaign) => this.#whole(campaign as unknown as Omit<Campaign, "members">));
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
    if (typeof changed !== "string") this.#removeMember.run(campaignId, userId);
    return changed;
  }

  #put(campaign: string, { userId, name, role }: Member): void {
    this.#putMember.run({ campaign, userId, name, role });
  }

  #whole({ id, name, createdAt }: Omit<Campaign, "members">): Campaign {
    const members = this.#members.all(id) as unknown as Member[];
    return { id, name, createdAt, members: members.map((member) => ({ ...member })) };
  }
}
