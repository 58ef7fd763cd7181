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
export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly members: readonly Member[];
}

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
  create(campaign: Campaign, by?: string): Promise<"created" | "limit_reached">;
  find(campaignId: string): Promise<Campaign | undefined>;

  /** One member. Costs the same whether there is such a campaign or not. */
  findMember(campaignId: string, userId: string): Promise<Member | undefined>;

  /** Campaigns of which somebody is a member, newest first. @throws BadCursor */
  listOf(userId: string, query: { readonly limit: number; readonly cursor?: string }): Promise<Page<Campaign>>;

  /**
   * Adds a member or changes role and name; a `name` of undefined keeps the one there is.
   * @returns the campaign as it now stands, or why not; undefined where there is no such campaign
   */
  putMember(
    campaignId: string,
    member: { readonly userId: string; readonly role: Role; readonly name?: string },
    by?: string,
  ): Promise<Campaign | ChangeRefused | undefined>;

  /** Everybody may remove themselves. @returns as `putMember`; `not_member` where that person was none */
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
