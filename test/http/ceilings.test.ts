import assert from "node:assert/strict";
import {
  MAX_BANS,
  MAX_CAMPAIGNS_PER_USER,
  MAX_GOOD_INVITES,
  MAX_INVITES,
  MAX_MEMBERS,
  MAX_OPEN_SESSIONS,
} from "../../src/core/ceilings.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { createdSession } from "../support/created-session.ts";
import { Evening } from "./evening.ts";

const GM = { userId: "gm", name: "gm", role: "gm", via: "member" } as const;

describe("how many there may be", function () {
  this.timeout(30_000);
  let evening: Evening;
  let campaignId: string;
  let sessionId: string;
  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign({ player: "player" });
    sessionId = await evening.session(campaignId);
  });
  afterEach(() => evening.end());

  const told = async (method: string, path: string, body?: object) => {
    const { status, body: answer } = await evening.ask("gm", method, path, body === undefined ? {} : { body });
    return answer?.code === undefined ? `${status}` : `${status} ${answer.code}`;
  };
  const several = async (n: number, ask: (i: number) => Promise<string>) =>
    (await Promise.all(Array.from({ length: n }, (_, i) => ask(i)))).toSorted();
  const FULL = "409 limit_reached";

  it("[H78] a hundred campaigns that one user created; members of others' are not counted", async () => {
    for (let i = 1; i < MAX_CAMPAIGNS_PER_USER - 2; i++) await evening.campaign();
    assert.deepEqual(await several(4, () => told("POST", "/api/campaigns", { name: "More" })), [
      "201",
      "201",
      FULL,
      FULL,
    ]);
    assert.equal((await evening.ask("player", "POST", "/api/campaigns", { body: { name: "Mine" } })).status, 201);
  });

  it("[H78] 500 members of a campaign; who is in may be changed", async () => {
    const path = `/api/campaigns/${campaignId}/members`;
    for (let i = 2; i < MAX_MEMBERS - 1; i++) {
      await evening.stores.campaigns.putMember(campaignId, { userId: `m${i}`, role: "player" });
    }
    const put = (i: number) => told("PUT", `${path}/new${i}`, { role: "player" });
    assert.deepEqual(await several(3, put), ["200", FULL, FULL]);
    assert.equal(await told("PUT", `${path}/m2`, { role: "gm" }), "200");
    assert.equal(await told("DELETE", `${path}/m2`), "204");
    assert.equal(await put(9), "200");
  });

  it("[H78] 200 sessions of a campaign that have not ended", async () => {
    const input = { campaignId, title: "One", maxParticipants: 8, settings: DEFAULT_SETTINGS };
    for (let i = 1; i < MAX_OPEN_SESSIONS - 1; i++) await createdSession(evening.hosting, input, GM);
    const create = () => told("POST", `/api/campaigns/${campaignId}/sessions`, { title: "More" });
    assert.deepEqual(await several(3, create), ["201", FULL, FULL]);
    assert.equal(await told("PATCH", `/api/sessions/${sessionId}`, { title: "Changed" }), "200");
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/terminate`);
    assert.deepEqual(await several(2, create), ["201", FULL]);
  });

  it("[H78] 200 invites of a session that still admit, and 2,000 in all", async () => {
    const session = await evening.hosting.open(sessionId);
    const terms = (seconds: number) =>
      ({ role: "player", maxUses: 1, label: null, expiresAt: evening.clock.now() + seconds * 1_000 }) as const;
    const path = `/api/sessions/${sessionId}/invites`;
    const create = () => told("POST", path);
    const used = await evening.invite(sessionId);
    for (let i = 1; i < MAX_GOOD_INVITES - 2; i++) await session.createInvite(terms(60), GM);
    const { id } = await evening.invite(sessionId);
    assert.deepEqual(await several(3, create), ["201", FULL, FULL]);
    // Used up, revoked, expired: one each.
    assert.equal(await evening.join(sessionId, "ann", used.token), undefined);
    assert.deepEqual(await several(2, create), ["201", FULL]);
    assert.equal(await told("DELETE", `${path}/${id}`), "204", "putting things in order is always possible");
    assert.deepEqual(await several(2, create), ["201", FULL]);
    evening.clock.pass(61_000);
    assert.equal(await create(), "201");
    let made = (await evening.get("gm", "GET", path)).items.length;
    while (made < MAX_INVITES - 1) {
      const open = await evening.hosting.open(sessionId);
      for (let i = 0; i < 190 && made < MAX_INVITES - 1; i++, made++) await open.createInvite(terms(1), GM);
      evening.clock.pass(1_001);
    }
    assert.deepEqual(await several(2, create), ["201", FULL]);
    evening.clock.pass(8 * 86_400_000);
    assert.equal(await create(), FULL, "though none of them admits anybody");
  });

  it("[H78] 1,000 bans of a session; removing and unbanning go on", async () => {
    const session = await evening.hosting.open(sessionId);
    for (let i = 0; i < MAX_BANS - 1; i++) await session.remove(`b${i}`, GM, { ban: true, reason: "" });
    const ban = (userId: string | number) =>
      told("POST", `/api/sessions/${sessionId}/participants/x${userId}/remove`, { ban: true });
    assert.deepEqual(await several(3, ban), ["204", FULL, FULL]);
    assert.equal(await evening.join(sessionId, "player"), undefined);
    const remove = (body: object) => told("POST", `/api/sessions/${sessionId}/participants/player/remove`, body);
    assert.equal(await remove({ ban: true }), FULL);
    assert.ok(session.committed.places.has("player"), "nothing is done by halves");
    assert.equal(await remove({}), "204");
    assert.equal(
      await told("POST", `/api/sessions/${sessionId}/participants/b1/remove`, { ban: true }),
      "204",
      "banned",
    );
    assert.equal(await told("DELETE", `/api/sessions/${sessionId}/bans/b1`), "204");
    assert.equal(await remove({ ban: true }), "204");
  });
});
