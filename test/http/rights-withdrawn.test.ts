import assert from "node:assert/strict";
import { routesFor } from "../../src/http/table.ts";
import { Evening } from "./evening.ts";
import { WithheldRequest } from "./withheld.ts";

const S = "/api/sessions/$S";
const C = "/api/campaigns/$C";

/** Every route that reads a body, and what `evil`, a GM at first, would do over it. */
const ROUTES: readonly (readonly [id: string, path: string, body: object])[] = [
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
  ["unban", `${S}/bans/banned`, {}],
  ["createStreamTicket", `${S}/stream/tickets`, {}],
  ["createBackup", "/api/admin/backups", {}],
  ["drain", "/api/admin/drain", {}],
];
/** Without a token: there is no right of a person to withdraw. */
const OPEN = ["createGuest", "createDevelopmentToken"];
/** Everybody may: only a token's end takes that away. */
const ANYBODYS = ["createCampaign"];
const OPERATORS = ["createBackup", "drain"];
/** Members may, GMs or not. */
const MEMBERS = ["createStreamTicket"];

interface Stage {
  readonly campaignId: string;
  readonly sessionId: string;
  readonly inviteId: string;
}

/** How a right ends, and what a request that was under way is answered then; undefined: it cannot end that way. */
interface Withdrawal {
  readonly how: string;
  withdraw(evening: Evening, stage: Stage): Promise<unknown>;
  answer(routeId: string, path: string): string | undefined;
}

const of = (evening: Evening, method: string, path: string, body?: object) => evening.get("gm", method, path, body);
const evil = ({ campaignId }: Stage) => `/api/campaigns/${campaignId}/members/evil`;
const isPersonal = (routeId: string) => ANYBODYS.includes(routeId) || OPERATORS.includes(routeId);

const WITHDRAWALS: readonly Withdrawal[] = [
  {
    how: "demoted",
    withdraw: (evening, stage) => of(evening, "PUT", evil(stage), { role: "player" }),
    answer: (id) => (isPersonal(id) ? undefined : MEMBERS.includes(id) ? "201" : "403 forbidden"),
  },
  {
    how: "taken out of the campaign",
    withdraw: (evening, stage) => of(evening, "DELETE", evil(stage)),
    answer: (id) => (isPersonal(id) ? undefined : "404 not_found"),
  },
  {
    how: "demoted and banned",
    async withdraw(evening, stage) {
      await of(evening, "PUT", evil(stage), { role: "player" });
      await of(evening, "POST", `/api/sessions/${stage.sessionId}/participants/evil/remove`, { ban: true });
    },
    answer: (id, path) => (isPersonal(id) ? undefined : path.startsWith(S) ? "403 banned" : "403 forbidden"),
  },
  {
    how: "past the end of the token",
    withdraw: async (evening) => evening.clock.pass(61_000),
    answer: () => "401 unauthenticated",
  },
];

async function stage(evening: Evening): Promise<Stage> {
  const campaignId = await evening.campaign({ evil: "gm", player: "player", banned: "player" });
  const sessionId = await evening.session(campaignId);
  const { id } = await evening.invite(sessionId, { maxUses: 5 });
  await of(evening, "POST", `/api/sessions/${sessionId}/participants/banned/remove`, { ban: true });
  return { campaignId, sessionId, inviteId: id };
}

const filled = (text: string, { campaignId, sessionId, inviteId }: Stage) =>
  text.replace("$C", campaignId).replace("$S", sessionId).replace("$I", inviteId);

describe("a right that ends between a request's head and the last byte of its body", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  const methodOf = (routeId: string) => routesFor({ devLogin: true }).find(({ id }) => id === routeId)!.method;
  const begin = async (routeId: string, path: string, body: object, at: Stage, token: string) =>
    await WithheldRequest.begin(evening, {
      method: methodOf(routeId),
      path: filled(path, at),
      body: JSON.parse(filled(JSON.stringify(body), at)),
      token,
    });

  it("[H72] is tried for every route that reads a body", () => {
    const reading = routesFor({ devLogin: true }).filter(({ method }) => method !== "GET");
    assert.deepEqual(reading.map(({ id }) => id).sort(), [...ROUTES.map(([id]) => id), ...OPEN].sort());
  });

  for (const [routeId, path, body] of ROUTES) {
    for (const { how, withdraw, answer } of WITHDRAWALS) {
      const expected = answer(routeId, path);
      if (expected === undefined) continue;
      it(`[H72] ${routeId}: ${how}`, async () => {
        const at = await stage(evening);
        const expiresAt = evening.clock.now() + 60_000;
        const token = await evening.tokenFor("evil", { expiresAt, roles: ["operator"] });
        const request = await begin(routeId, path, body, at, token);
        assert.ok(!request.isAnswered, "it is waited for its body");
        await withdraw(evening, at);
        const before = await evening.kinds(at.sessionId);
        assert.equal(await request.finish(), expected);
        if (expected !== "201") assert.deepEqual(await evening.kinds(at.sessionId), before, "it did nothing");
        assert.equal(evening.drains, 0);
        const campaign = await evening.stores.campaigns.find(at.campaignId);
        const role = campaign!.members.find(({ userId }) => userId === "evil")?.role;
        assert.equal(role, how.startsWith("demoted") ? "player" : how.startsWith("taken") ? undefined : "gm");
      });
    }
  }

  it("[H72] a guest whose invite is revoked, or who is banned, and somebody who asks to be a guest", async () => {
    for (const [how, ticket, guest] of [
      ["revoke", "404 not_found", "404 not_found"],
      ["ban", "403 banned", "201"],
      ["expire", "401 unauthenticated", "201"],
    ] as const) {
      const { sessionId } = await stage(evening);
      const invite = await evening.invite(sessionId, { maxUses: 5 });
      await evening.join(sessionId, "guest:1", invite.token);
      const expiresAt = evening.clock.now() + 60_000;
      const claims = { guestOf: sessionId, guestInvite: invite.id, expiresAt };
      const asks = await WithheldRequest.begin(evening, {
        method: "POST",
        path: `/api/sessions/${sessionId}/stream/tickets`,
        body: {},
        token: await evening.tokenFor("guest:1", claims),
      });
      const comes = await WithheldRequest.begin(evening, {
        method: "POST",
        path: `/api/invites/${invite.token}/guest`,
        body: { name: "Pia" },
      });
      const session = `/api/sessions/${sessionId}`;
      if (how === "revoke") await of(evening, "DELETE", `${session}/invites/${invite.id}`);
      if (how === "ban") await of(evening, "POST", `${session}/participants/guest:1/remove`, { ban: true });
      if (how === "expire") evening.clock.pass(61_000);
      assert.equal(await asks.finish(), ticket, how);
      assert.equal(await comes.finish(), guest, how);
    }
  });
});
