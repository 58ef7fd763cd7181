import type { Role } from "../core/session.ts";
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

/** Campaigns and their members. Each change is atomic: a campaign never ends up without a GM, under any race. */
export interface Campaigns {
  create(campaign: Campaign): Promise<void>;
  find(campaignId: string): Promise<Campaign | undefined>;

  /** One member. Costs the same whether there is such a campaign or not. */
  findMember(campaignId: string, userId: string): Promise<Member | undefined>;

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

  /** @returns as `putMember`; `not_member` where that person was none */
  removeMember(campaignId: string, userId: string): Promise<Campaign | "last_gm" | "not_member" | undefined>;
}
