import { routesFor } from "../../src/http/table.ts";
import type { Evening } from "./evening.ts";

/** paths; $S: the session, $C: the campaign, $I: an invite */
export const S = "/api/sessions/$S";
export const C = "/api/campaigns/$C";

/** Every route that reads a body, and what `evil`, a GM at first, would do over it. */
export const ROUTES: readonly (readonly [id: string, path: string, body: object])[] = [
  ["createCampaign", "/api/campaigns", { name: "Mine" }],
  ["putMember", `${C}/members/evil`, { role: "gm" }],
  ["removeMember", `${C}/members/player`, {}],
  ["createSession", `${C}/sessions`, { title: "Two", continueFrom: "$S" }],
  ["updateSession", S, { title: "Mine" }],
  ["startSession", `${S}/start`, {}],
  ["pauseSession", `${S}/pause`, { reason: "mine" }],
  ["resumeSession", `${S}/resume`, {}],
  ["terminateSession", `${S}/terminate`, {}],
  ["createInvite", `${S}/invites`, { maxUses: 500 }],
  ["revokeInvite", `${S}/invites/$I`, {}],
  ["removeParticipant", `${S}/participants/player/remove`, { ban: true }],
  ["admitKnock", `${S}/knocks/player/admit`, {}],
  ["denyKnock", `${S}/knocks/player/deny`, { reason: "no" }],
  ["knock", `${S}/knocks`, { message: "me" }],
  ["unban", `${S}/bans/banned`, {}],
  ["createStreamTicket", `${S}/stream/tickets`, {}],
  ["createMonitorTicket", "/api/monitor/tickets", {}],
  ["createBackup", "/api/admin/backups", {}],
  ["drain", "/api/admin/drain", {}],
];
/** Without a token: there is no right of a person to withdraw. */
export const OPEN = ["createGuest", "createDevelopmentToken"];
/** Everybody may: only a token's end takes that away. */
export const ANYBODYS = ["createCampaign"];
export const OPERATORS = ["createMonitorTicket", "createBackup", "drain"];
/** Members may, GMs or not. */
export const MEMBERS = ["createStreamTicket", "knock"];

export interface Stage {
  readonly campaignId: string;
  readonly sessionId: string;
  readonly inviteId: string;
}

/** A session whose campaign has two GMs: `gm` and `evil`. */
export async function stage(evening: Evening): Promise<Stage> {
  const campaignId = await evening.campaign({ evil: "gm", player: "player", banned: "player" });
  const sessionId = await evening.session(campaignId);
  const { id } = await evening.invite(sessionId, { maxUses: 5 });
  await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/banned/remove`, { ban: true });
  return { campaignId, sessionId, inviteId: id };
}

export const filled = (text: string, { campaignId, sessionId, inviteId }: Stage) =>
  text.replace("$C", campaignId).replace("$S", sessionId).replace("$I", inviteId);

export const methodOf = (routeId: string) => routesFor({ devLogin: true }).find(({ id }) => id === routeId)!.method;

/** A request as it goes out. */
export function requestOf([routeId, path, body]: (typeof ROUTES)[number], at: Stage) {
  return { method: methodOf(routeId), path: filled(path, at), body: JSON.parse(filled(JSON.stringify(body), at)) };
}
