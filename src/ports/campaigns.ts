import type { Role } from "../core/session.ts";
import type { Page } from "./sessions.ts";

export interface Member {
  readonly userId: string;
  /** null: none was given */
  readonly name: string | null;
  readonly role: Role;
}

/** `createdAt` in ms since 1970; members in the order in which they were added. */
export interface NewCampaign {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly members: readonly Member[];
  /** how many members were taken out so far; 0 where it is left out */
  readonly removals?: number;
}

export interface Campaign extends NewCampaign {
  readonly removals: number;
}

/** Somebody who was taken out of a campaign; they may be a member again. */
export interface FormerMember {
  readonly userId: string;
  /** which of the campaign's removals it was, from 1; the last one where there were several */
  readonly removal: number;
}

/** Whether somebody is a member, and was one. */
export interface MemberState {
  /** undefined: they are none */
  readonly member: Member | undefined;
  /** the removal that took them out last; 0: none did. Of no account while they are a member. */
  readonly removal: number;
}

/** What a campaign says of one person. */
export interface Membership extends MemberState {
  /** of the campaign, so far; 0 where there is no such campaign */
  readonly removals: number;
}

/** Of somebody of whom a campaign knows nothing. */
export const NO_MEMBERSHIP: Membership = { member: undefined, removal: 0, removals: 0 };

/** Campaigns and their members. Each change is atomic: a campaign never ends up without a GM, under any race. */
export interface Campaigns {
  /** @param former of a campaign that comes from another store */
  create(campaign: NewCampaign, former?: readonly FormerMember[]): Promise<void>;
  find(campaignId: string): Promise<Campaign | undefined>;

  /** What it says of one person. Costs the same whether there is such a campaign or not. */
  findMembership(campaignId: string, userId: string): Promise<Membership>;

  /** Those who were taken out, by their ids, at most `limit`. @param after those behind this one alone */
  formerMembers(campaignId: string, after: string, limit: number): Promise<FormerMember[]>;

  /** Campaigns of which somebody is a member, newest first. @throws BadCursor */
  listOf(userId: string, query: { readonly limit: number; readonly cursor?: string }): Promise<Page<Campaign>>;

  /**
   * Adds a member or changes role and name; a `name` of undefined keeps the one there is.
   * @returns the campaign as it now stands, `last_gm` where nobody would be GM any more, undefined where there is no such campaign
   */
  putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Role; readonly name?: string },
  ): Promise<Campaign | "last_gm" | undefined>;

  /** @returns as `putMember`, with one removal more; `not_member` where that person was none */
  removeMember(campaignId: string, userId: string): Promise<Campaign | "last_gm" | "not_member" | undefined>;
}
