import type { Campaign, Member } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";

/** Longer than any store is waited for between reading a campaign and deciding by it. */
const KEPT_MS = 60_000;

interface MemberChange {
  /** counts all changes; a larger number came later */
  readonly n: number;
  /** undefined: no member any more */
  readonly member: Member | undefined;
  readonly at: number;
}

/**
 * The changes of campaigns' members that this process was told of in the last minute. A store may answer with a campaign
 * as it was before a change that was acknowledged since: what is known here is newer.
 */
export class MemberChanges {
  readonly #clock: Pick<Clock, "steady">;
  /** by campaign, then user; both in the order of the newest change */
  readonly #recent = new Map<string, Map<string, MemberChange>>();
  #count = 0;

  constructor(clock: Pick<Clock, "steady">) {
    this.#clock = clock;
  }

  /** How many there were so far: to be read before a campaign is asked for. */
  get count(): number {
    return this.#count;
  }

  /** campaigns of which a change is remembered */
  get size(): number {
    return this.#recent.size;
  }

  note(campaignId: string, userId: string, member: Member | undefined): void {
    const at = this.#clock.steady();
    this.#forgetPast(at);
    const changes = this.#recent.get(campaignId) ?? new Map<string, MemberChange>();
    this.#recent.delete(campaignId);
    this.#recent.set(campaignId, changes);
    changes.delete(userId);
    changes.set(userId, { n: ++this.#count, member, at });
  }

  /** A campaign as it now is. @param since `count` before the store was asked for it */
  applied(campaign: Campaign, since: number): Campaign {
    const later = [...(this.#recent.get(campaign.id) ?? [])].filter(([, { n }]) => n > since);
    if (later.length === 0) return campaign;
    const members = new Map(campaign.members.map((member) => [member.userId, member]));
    for (const [userId, { member }] of later) {
      if (member === undefined) members.delete(userId);
      else members.set(userId, member);
    }
    return { ...campaign, members: [...members.values()] };
  }

  /** One member as they now are. @param since `count` before the store was asked for them */
  appliedTo(campaignId: string, userId: string, member: Member | undefined, since: number): Member | undefined {
    const change = this.#recent.get(campaignId)?.get(userId);
    return change !== undefined && change.n > since ? change.member : member;
  }

  #forgetPast(now: number): void {
    for (const [campaignId, changes] of this.#recent) {
      for (const [userId, { at }] of changes) {
        if (at > now - KEPT_MS) break;
        changes.delete(userId);
      }
      if (changes.size > 0) return;
      this.#recent.delete(campaignId);
    }
  }
}
