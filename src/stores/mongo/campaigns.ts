import { MAX_CAMPAIGNS_PER_USER, MAX_SESSIONS } from "../../core/ceilings.ts";
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
import { StoreUnavailable } from "../../ports/failures.ts";
import type { Projection, SessionLog } from "../../ports/log.ts";
import type { Page } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { isFull, isLedBy, withMember, withoutMember } from "../membership.ts";
import { ANSWER_WITHIN_MS, isDuplicate, reading, writing } from "./answer.ts";
import { MongoFormerMembers } from "./former-members.ts";
import { olderThan } from "./list-query.ts";
import type { CampaignDocument, Creating, CreatorDocument, Models, SessionDocument } from "./models.ts";

const COMES_WITHIN_MS = 60_000;

/**
 * Campaigns, one document each with its members. A change is decided on what was read and stored only if nothing came in
 * between (`revision`), else it is decided anew: atomic without transactions.
 */
export class MongoCampaigns implements Campaigns {
  readonly #campaigns: Models["campaigns"];
  readonly #creators: Models["creators"];
  readonly #sessions: Models["sessions"];
  readonly #former: MongoFormerMembers;
  readonly #log: Pick<SessionLog, "append">;

  constructor(models: Models, log: Pick<SessionLog, "append">) {
    this.#campaigns = models.campaigns;
    this.#creators = models.creators;
    this.#sessions = models.sessions;
    this.#former = new MongoFormerMembers(models);
    this.#log = log;
  }

  async create(campaign: NewCampaign, by?: string): Promise<"created" | "limit_reached"> {
    const { id, name, createdAt, members, removals = 0, former = [] } = campaign;
    if (by !== undefined && !(await this.#makesRoom(id, by))) return "limit_reached";
    for (const one of former) await this.#former.note(id, one);
    const createdBy = by === undefined ? {} : { createdBy: by };
    const document = { _id: id, name, createdAt, members: [...members], removals, revision: 1, ...createdBy };
    try {
      await writing(this.#campaigns.create(document));
    } catch (error) {
      // The same call, again.
      if (!isDuplicate(error)) throw error;
    }
    return "created";
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

  async ledBy(userId: string): Promise<readonly Pick<Campaign, "id" | "name">[]> {
    const which = { members: { $elemMatch: { userId, role: "gm" as const } } };
    const found = await reading(this.#campaigns.find(which, { name: 1 }).lean().exec());
    return found.map(({ _id, name }) => ({ id: _id, name }));
  }

  putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Member["role"]; readonly name?: string },
    by?: string,
  ): Promise<Campaign | ChangeRefused | undefined> {
    return this.#change(campaignId, (campaign) => withMember(campaign, member, by));
  }

  removeMember(
    campaignId: string,
    userId: string,
    by?: string,
  ): Promise<Campaign | ChangeRefused | "not_member" | undefined> {
    // Noted before it is true, and of no account until then: a member's removals are past.
    return this.#change(
      campaignId,
      (campaign) => withoutMember(campaign, userId, by),
      ({ removals }, withinMs) => this.#former.note(campaignId, { userId, removal: removals }, withinMs),
    );
  }

  /** The right and the ceilings are decided on in the campaign's document, as a change of its members is. */
  async addSession(
    campaignId: string,
    first: LogRecord,
    projection: Projection,
    by: string,
  ): Promise<"added" | SessionRefused> {
    const { sessionId } = first;
    const refused = await untilStored(async (msLeft) => {
      const found = await this.#read(campaignId);
      if (found === null || !isLedBy(found, by)) return "not_gm";
      const rows = await this.#sessionsOf(campaignId);
      const creating = underWay(found.creating, new Set(rows.map(({ _id }) => _id)));
      const open = rows.filter(({ status }) => status !== "ended").length + creating.length;
      const isNew = [...rows.map(({ _id }) => _id), ...creating.map(({ id }) => id)].every((id) => id !== sessionId);
      if (!isNew) return "is there";
      if (isFull({ all: rows.length + creating.length, open })) return "limit_reached";
      const asItWas = { _id: campaignId, revision: found.revision };
      const more = [...creating, { id: sessionId, at: Date.now() }];
      const update = { $set: { creating: more, revision: found.revision + 1 } };
      const { matchedCount } = await writing(this.#campaigns.updateOne(asItWas, update).exec(), msLeft);
      return matchedCount === 1 ? "decided" : undefined;
    });
    if (refused === "not_gm" || refused === "limit_reached") return refused;
    await this.#log.append([first], projection);
    return "added";
  }

  /** Whether somebody may create one more campaign, which counts from then on. */
  async #makesRoom(campaignId: string, by: string): Promise<boolean> {
    const outcome = await untilStored(async (msLeft) => {
      const found = await reading(this.#creators.findById(by).lean<CreatorDocument>().exec());
      const theirs = await reading(this.#campaigns.find({ createdBy: by }, { _id: 1 }).lean().exec());
      const ids = new Set(theirs.map(({ _id }) => _id));
      const creating = underWay(found?.creating, ids);
      if (ids.has(campaignId) || creating.some(({ id }) => id === campaignId)) return true;
      if (ids.size + creating.length >= MAX_CAMPAIGNS_PER_USER) return false;
      const more = [...creating, { id: campaignId, at: Date.now() }];
      if (found === null) {
        try {
          await writing(this.#creators.create({ _id: by, revision: 1, creating: more }), msLeft);
          return true;
        } catch (error) {
          if (isDuplicate(error)) return undefined;
          throw error;
        }
      }
      const asItWas = { _id: by, revision: found.revision };
      const update = { $set: { creating: more, revision: found.revision + 1 } };
      const { matchedCount } = await writing(this.#creators.updateOne(asItWas, update).exec(), msLeft);
      return matchedCount === 1 ? true : undefined;
    });
    return outcome;
  }

  /** In an order whose keys never change, so that a session that ends meanwhile is met once. */
  #sessionsOf(campaignId: string): Promise<Pick<SessionDocument, "_id" | "status">[]> {
    const query = this.#sessions
      .find({ campaignId }, { status: 1 })
      .sort({ createdAt: -1, _id: -1 })
      .limit(MAX_SESSIONS);
    return reading(query.lean<Pick<SessionDocument, "_id" | "status">[]>().exec());
  }

  async #change<No extends string>(
    campaignId: string,
    change: (campaign: Campaign) => Campaign | No,
    before: (changed: Campaign, withinMs: number) => Promise<void> = async () => {},
  ): Promise<Campaign | No | undefined> {
    const outcome = await untilStored(async (msLeft) => {
      const found = await this.#read(campaignId);
      if (found === null) return "none" as const;
      const changed = change(campaignOf(found));
      if (typeof changed === "string") return { changed };
      await before(changed, msLeft);
      const { members, removals } = changed;
      const update = { $set: { members: [...members], removals, revision: found.revision + 1 } };
      const asItWas = { _id: campaignId, revision: found.revision };
      const { matchedCount } = await writing(
        this.#campaigns.updateOne(asItWas, update, { runValidators: true }).exec(),
        msLeft,
      );
      return matchedCount === 1 ? { changed } : undefined;
    });
    return outcome === "none" ? undefined : outcome.changed;
  }

  #read(campaignId: string): Promise<CampaignDocument | null> {
    return reading(this.#campaigns.findById(campaignId).lean<CampaignDocument>().exec());
  }
}

/** Decides anew while others come in between. @param decide undefined: nothing was stored */
async function untilStored<T>(decide: (msLeft: number) => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + ANSWER_WITHIN_MS;
  while (performance.now() < deadline) {
    const outcome = await decide(deadline - performance.now());
    if (outcome !== undefined) return outcome;
  }
  throw new StoreUnavailable("others changed this campaign all the time");
}

/** What was decided on and is not found yet. After a minute it never came: its process ended, or the store refused it. */
function underWay(creating: readonly Creating[] = [], found: ReadonlySet<string>): Creating[] {
  const now = Date.now();
  return creating
    .filter(({ id, at }) => !found.has(id) && now - at < COMES_WITHIN_MS)
    .map(({ id, at }) => ({ id, at }));
}

function campaignOf({ _id, name, createdAt, members, removals = 0 }: CampaignDocument): Campaign {
  const known = members.map(({ userId, name, role }) => ({ userId, name, role }));
  return { id: _id, name, createdAt, members: known, removals };
}
