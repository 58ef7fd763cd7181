import assert from "node:assert/strict";
import type { Stores } from "../../src/ports/stores.ts";
import { Door, type JoinRefused } from "../../src/room/door.ts";
import { Evening } from "./evening.ts";

describe("sessions that do not run", () => {
  let evening: Evening;
  let campaignId: string;
  let sessionId: string;
  let token: string;
  let inviteId: string;
  /** what the stores were asked for since `count`, by port and method */
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    evening = await Evening.begin();
    campaignId = await evening.campaign({ kim: "player", mo: "player" });
    sessionId = await evening.session(campaignId);
    ({ id: inviteId, token } = await evening.invite(sessionId, { maxUses: 5 }));
    assert.equal(await evening.join(sessionId, "ana", token), undefined);
    assert.equal(await evening.join(sessionId, "bo", token), undefined);
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/mo/remove`, { ban: true });
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/bo/remove`, { ban: true });
    await (await evening.hosting.open(sessionId)).close("idle");
    listen(evening.stores);
  });
  afterEach(() => evening.end());

  function listen(stores: Stores): void {
    for (const [name, port] of Object.entries(stores)) {
      if (typeof port !== "object" || port === null) continue;
      Object.assign(stores, {
        [name]: new Proxy(port, {
          get(target, method) {
            const member: unknown = Reflect.get(target, method);
            if (typeof member === "function") asked.push(`${name}.${String(method)}`);
            return member;
          },
        }),
      });
    }
  }
  /** What is asked of the stores for a request. */
  const calls = async (work: () => Promise<unknown>): Promise<string[]> => {
    asked.length = 0;
    await work();
    return [...asked];
  };
  const status = async (userId: string, path = `/api/sessions/${sessionId}`) =>
    (await evening.ask(userId, "GET", path)).status;
  const CONTENT = ["log.read", "snapshots.load", "snapshots.positions"];
  const assertNoContent = () => assert.deepEqual(asked.filter((call) => CONTENT.includes(call)), []); // biome-ignore format: one line

  it("[H90] who may know is answered without reading what is in it: 200, 403 and 404", async () => {
    asked.length = 0;
    for (const userId of ["gm", "kim", "ana"]) assert.equal(await status(userId), 200, userId);
    for (const userId of ["mo", "bo"]) assert.equal(await status(userId), 403, userId);
    assert.equal(await status("stranger"), 404);
    assert.equal(evening.hosting.running(sessionId), undefined);
    assertNoContent();
  });

  it("[H90] a role, a membership and a revoked invite count at once", async () => {
    await evening.get("gm", "DELETE", `/api/campaigns/${campaignId}/members/kim`);
    assert.equal(await status("kim"), 404);
    await evening.get("gm", "DELETE", `/api/sessions/${sessionId}/invites/${inviteId}`);
    await (await evening.hosting.open(sessionId)).close("idle");
    asked.length = 0;
    assert.equal(await status("ana"), 404);
    await evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/bo`, { role: "gm" });
    assert.equal(await status("bo"), 200);
    assertNoContent();
  });

  it("[H90] so are what an invite leads to, guests, the list of invites, and tickets for streams", async () => {
    asked.length = 0;
    const preview = await evening.ask("new", "GET", `/api/invites/${token}`);
    assert.deepEqual([preview.status, preview.body.usesLeft, preview.body.sessionTitle], [200, 3, "One"]);
    assert.equal(
      (await evening.ask(null, "POST", `/api/invites/${token}/guest`, { body: { name: "Gus" } })).status,
      201,
    );
    assert.equal(
      (await evening.ask(null, "POST", "/api/invites/nothing/guest", { body: { name: "Gus" } })).status,
      404,
    );
    const { items } = await evening.get("gm", "GET", `/api/sessions/${sessionId}/invites`);
    assert.deepEqual(
      items.map((invite: { id: string; uses: number }) => [invite.id, invite.uses]),
      [[inviteId, 2]],
    );
    assert.equal((await evening.ask("ana", "POST", `/api/sessions/${sessionId}/stream/tickets`)).status, 201);
    assertNoContent();
  });

  it("[H90] what needs the content reads it when the right is known", async () => {
    for (const path of ["state", "history"]) {
      assert.equal(await status("stranger", `/api/sessions/${sessionId}/${path}`), 404);
      assert.equal(await status("bo", `/api/sessions/${sessionId}/${path}`), 403);
    }
    assert.equal(await status("ana", `/api/sessions/${sessionId}/history`), 403);
    assertNoContent();
    assert.equal(await status("ana", `/api/sessions/${sessionId}/state`), 200);
    assert.equal(await status("kim", `/api/sessions/${sessionId}/history`), 200);
  });

  it("[H91] a stranger's request asks the store the same whether there is such a session or not", async () => {
    for (const path of ["", "/state", "/history", "/invites", "/stream", "/events"]) {
      const there = await calls(() => status("stranger", `/api/sessions/${sessionId}${path}`));
      assert.deepEqual(await calls(() => status("stranger", `/api/sessions/nothing${path}`)), there, path);
      assert.ok(there.length > 0);
    }
  });

  it("[H91] a stranger's join does so too; who may come in is told from it without opening", async () => {
    const { identity, hosting, stores, clock } = evening;
    const rates = { joinsPerUserPer10Seconds: 0, joinsPerAddressPer10Seconds: 0 };
    const door = new Door({
      ...{ identity, hosting, stores, clock, rates },
      socketsOf: () => ({ open: 0, closeSilent: () => false }),
    });
    const refusal = async (userId: string, of: string, invite?: string) => {
      const token = await evening.tokenFor(userId);
      const joined = door.admit(token, { sessionId: of, ...(invite === undefined ? {} : { invite }) }, undefined);
      return await joined.then(
        () => "joined",
        (error: unknown) => (error as JoinRefused).reason,
      );
    };
    for (const invite of [undefined, "no such invite"]) {
      const there = await calls(() => refusal("stranger", sessionId, invite));
      assert.deepEqual(await calls(() => refusal("stranger", "nothing", invite)), there);
    }
    assert.equal(await refusal("stranger", sessionId), "not_found");
    for (const userId of ["mo", "bo"]) assert.equal(await refusal(userId, sessionId, token), "banned");
    assert.equal(evening.hosting.running(sessionId), undefined);
    assertNoContent();
    assert.equal(await refusal("ana", sessionId), "joined");
  });
});
