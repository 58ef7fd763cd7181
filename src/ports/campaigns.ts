import type { LogRecord } from "../core/record.ts";
import type { Role } from "../core/session.ts";
import type { Projection } from "./log.ts";
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
  /** those who were taken out, where it comes from another store */
  readonly former?: readonly FormerMember[];
}

export interface Campaign extends Omit<NewCampaign, "former"> {
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

/** Why a change of members is refused; nothing is changed then. */
export type ChangeRefused = "not_gm" | "last_gm" | "limit_reached";
/** Why a session is not added. */
export type SessionRefused = "not_gm" | "limit_reached";

/**
 * Campaigns, their members, and how many sessions they have. Each change is atomic: a campaign never ends up without a GM,
 * nobody changes it after they ceased to be one, and no ceiling (core/ceilings.ts) is exceeded, under any race. Who acts is
 * `by`; undefined: the server itself, which no right or ceiling of a person holds.
 */
export interface Campaigns {
  /** The same call again changes nothing. */
  create(campaign: NewCampaign, by?: string): Promise<"created" | "limit_reached">;
  find(campaignId: string): Promise<Campaign | undefined>;

  /** What it says of one person. Costs the same whether there is such a campaign or not. */
  findMembership(campaignId: string, userId: string): Promise<Membership>;

  /** Those who were taken out, by their ids, at most `limit`. @param after those behind this one alone */
  formerMembers(campaignId: string, after: string, limit: number): Promise<FormerMember[]>;

  /** Campaigns of which somebody is a member, newest first. @throws BadCursor */
  listOf(userId: string, query: { readonly limit: number; readonly cursor?: string }): Promise<Page<Campaign>>;

  /** Campaigns whose GM somebody is, in no order; costs what it yields, however many members these have. */
  ledBy(userId: string): Promise<readonly Pick<Campaign, "id" | "name">[]>;

  /**
   * Adds a member or changes role and name; a `name` of undefined keeps the one there is.
   * @returns the campaign as it now stands, or why not; undefined where there is no such campaign
   */
  putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Role; readonly name?: string },
    by?: string,
  ): Promise<Campaign | ChangeRefused | undefined>;

  /** Everybody may remove themselves. @returns as `putMember`, with one removal more; `not_member` where that person was none */
  removeMember(
    campaignId: string,
    userId: string,
    by?: string,
  ): Promise<Campaign | ChangeRefused | "not_member" | undefined>;

  /**
   * Stores the first record of a new session, with its row for lists in the projection. The same call again changes
   * nothing.
   * @throws PositionTaken | StoreUnavailable | OutcomeUnknown
   */
  addSession(
    campaignId: string,
    first: LogRecord,
    projection: Projection,
    by: string,
  ): Promise<"added" | SessionRefused>;
}
