import assert from "node:assert/strict";
import { routesFor } from "../../src/http/table.ts";
import { ANYBODYS, MEMBERS, OPEN, OPERATORS, ROUTES, requestOf, S, type Stage, stage } from "./body-routes.ts";
import { Evening } from "./evening.ts";
import { WithheldRequest } from "./withheld.ts";

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

describe("a right that ends between a request's head and the last byte of its body", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  it("[H72] is tried for every route that reads a body", () => {
    const reading = routesFor({ devLogin: true }).filter(({ method }) => method !== "GET");
    assert.deepEqual(reading.map(({ id }) => id).sort(), [...ROUTES.map(([id]) => id), ...OPEN].sort());
  });

  for (const route of ROUTES) {
    const [routeId, path] = route;
    for (const { how, withdraw, answer } of WITHDRAWALS) {
      const expected = answer(routeId, path);
      if (expected === undefined) continue;
      it(`[H72] ${routeId}: ${how}`, async () => {
        const at = await stage(evening);
        const expiresAt = evening.clock.now() + 60_000;
        const token = await evening.tokenFor("evil", { expiresAt, roles: ["operator"] });
        const request = await WithheldRequest.begin(evening, { ...requestOf(route, at), token });
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
