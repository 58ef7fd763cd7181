import type { Campaign, MemberState, Membership } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";

/** Longer than any store is waited for between reading a campaign and deciding by it. */
const KEPT_MS = 60_000;

interface MemberChange extends MemberState {
  /** counts all changes; a larger number came later */
  readonly n: number;
  /** of the campaign, by then */
  readonly removals: number;
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

  note({ id: campaignId, removals }: Campaign, userId: string, { member, removal }: MemberState): void {
    const at = this.#clock.steady();
    this.#forgetPast(at);
    const changes = this.#recent.get(campaignId) ?? new Map<string, MemberChange>();
    this.#recent.delete(campaignId);
    this.#recent.set(campaignId, changes);
    changes.delete(userId);
    changes.set(userId, { n: ++this.#count, member, removal, removals, at });
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
    const removals = Math.max(campaign.removals, ...later.map(([, change]) => change.removals));
    return { ...campaign, members: [...members.values()], removals };
  }

  /** What a campaign now says of somebody. @param since `count` before the store was asked for it */
  appliedTo(campaignId: string, userId: string, read: Membership, since: number): Membership {
    const changes = this.#recent.get(campaignId) ?? new Map<string, MemberChange>();
    const later = [...changes.values()].filter(({ n }) => n > since);
    const removals = Math.max(read.removals, ...later.map((change) => change.removals));
    const change = changes.get(userId);
    if (change === undefined || change.n <= since) return { ...read, removals };
    const { member, removal } = change;
    return { member, removal: Math.max(read.removal, removal), removals };
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
