import type { Request, Response } from "express";
import type { Claims } from "../../identity/claims.ts";
import type { Membership } from "../../ports/campaigns.ts";
import { operatorsOnly } from "../access.ts";
import { hasEnded, unauthenticated } from "../authenticate.ts";
import type { HttpDeps } from "../deps.ts";
import { type Problem, problem } from "../problem.ts";
import type { OpenAsking } from "../route.ts";
import type { Cookie } from "./passes.ts";

const NAME = "monitor";
/** A browser sends one; who sends more is not looked up for ever. */
const MOST_COOKIES = 4;

/** Somebody before the monitor, with what they may see at this moment. */
export interface MonitorViewer {
  readonly claims: Claims;
  /** names of campaigns whose GM they are, by id; an operator sees those of all others, too */
  readonly ownCampaigns: ReadonlyMap<string, string>;
  readonly isOperator: boolean;
}

/** Whether a room of that campaign is theirs to see. */
export function sees({ ownCampaigns, isOperator }: MonitorViewer, campaignId: string): boolean {
  return isOperator || ownCampaigns.has(campaignId);
}

/**
 * Who asks, by their cookie. Their role and memberships are read anew; after this nothing may be awaited before they are shown
 * something. 401 without a good cookie, 403 for a GM of nothing any more.
 * @throws StoreUnavailable
 */
export async function viewerBy({ request, response, deps }: OpenAsking): Promise<MonitorViewer | Problem> {
  for (const value of cookiesIn(request)) {
    const shown = await deps.monitorPasses.show(value);
    if (shown === undefined) continue;
    if (shown.cookie !== undefined) setCookie(response, request, shown.cookie, deps);
    return await viewerOf(shown.claims, deps);
  }
  return unauthenticated();
}

/** Whether somebody shows a cookie that is good. @throws StoreUnavailable */
export async function showsCookie(
  request: Request,
  { monitorPasses }: Pick<HttpDeps, "monitorPasses">,
): Promise<boolean> {
  for (const value of cookiesIn(request)) if (await monitorPasses.isGood(value)) return true;
  return false;
}

/** The same of claims that were checked. */
export async function viewerOf(claims: Claims, deps: HttpDeps): Promise<MonitorViewer | Problem> {
  const isOperator = operatorsOnly(claims) === undefined;
  const ownCampaigns = claims.guestOf === undefined ? await campaignsLedBy(claims.userId, deps) : new Map();
  if (hasEnded(claims, deps)) return unauthenticated();
  if (!isOperator && ownCampaigns.size === 0) {
    return problem("forbidden", "The monitor is for operators and for GMs of a campaign.");
  }
  return { claims, ownCampaigns, isOperator };
}

/** Those of which somebody is a GM now, by id: a change that was told meanwhile is newer than what was read. */
async function campaignsLedBy(userId: string, { stores, running }: HttpDeps): Promise<Map<string, string>> {
  const { memberChanges } = running;
  const since = memberChanges.count;
  const asRead: Membership = { member: { userId, name: null, role: "gm" }, removal: 0, removals: 0 };
  const isStill = (id: string) => memberChanges.appliedTo(id, userId, asRead, since).member?.role === "gm";
  const led = (await stores.campaigns.ledBy(userId)).filter(({ id }) => isStill(id));
  return new Map(led.map(({ id, name }) => [id, name]));
}

/** To be sent back to `/monitor` alone, by its own pages alone. */
export function setCookie(response: Response, request: Request, { value, maxAge }: Cookie, deps: HttpDeps): void {
  const secure = deps.proxies.isSecure(request) === true ? "; Secure" : "";
  response.append(
    "Set-Cookie",
    `${NAME}=${value}; Path=/monitor; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`,
  );
}

function cookiesIn({ headers }: Request): string[] {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.flatMap(([name, value = ""]) => (name === NAME && value !== "" ? [value] : [])).slice(0, MOST_COOKIES);
}
