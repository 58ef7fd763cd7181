import assert from "node:assert/strict";
import { Evening } from "./evening.ts";

describe("campaigns over HTTP", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  it("[H20] its creator is its GM, under the token's name; without one the name is null", async () => {
    const token = await evening.tokenFor("kim", { name: "Kim" });
    const headers = { authorization: `Bearer ${token}` };
    const made = await evening.ask(null, "POST", "/api/campaigns", { headers, body: { name: "Keep" } });
    assert.deepEqual(made.body, {
      id: made.body.id,
      name: "Keep",
      createdAt: "2030-05-01T19:00:00.000Z",
      members: [{ userId: "kim", name: "Kim", role: "gm" }],
    });
    assert.deepEqual(await evening.get("kim", "GET", `/api/campaigns/${made.body.id}`), made.body);
    const id = await evening.campaign();
    assert.deepEqual((await evening.get("gm", "GET", `/api/campaigns/${id}`)).members, [
      { userId: "gm", name: null, role: "gm" },
    ]);
  });

  it("[H20] the last GM stays; with another one they may go, and are nobody then", async () => {
    const id = await evening.campaign();
    const path = `/api/campaigns/${id}/members/gm`;
    assert.equal((await evening.ask("gm", "PUT", path, { body: { role: "spectator" } })).body.code, "last_gm");
    assert.equal((await evening.ask("gm", "DELETE", path)).body.code, "last_gm");
    assert.equal((await evening.ask("gm", "PUT", path, { body: { role: "gm", name: "Ann" } })).status, 200);
    await evening.get("gm", "PUT", `/api/campaigns/${id}/members/kim`, { role: "gm" });
    assert.equal((await evening.ask("gm", "DELETE", path)).status, 204);
    assert.equal((await evening.ask("gm", "GET", `/api/campaigns/${id}`)).status, 404);
    assert.equal((await evening.ask("kim", "DELETE", path)).status, 404);
  });

  it("[H20] members: a name stays unless given, anybody may leave, nobody may put others out", async () => {
    const id = await evening.campaign({ kim: "player", ann: "player" });
    const put = (body: object) => evening.get("gm", "PUT", `/api/campaigns/${id}/members/kim`, body);
    await put({ role: "player", name: "Kim" });
    const { members } = await put({ role: "spectator" });
    assert.deepEqual(members[1], { userId: "kim", name: "Kim", role: "spectator" });
    assert.equal((await evening.ask("kim", "DELETE", `/api/campaigns/${id}/members/ann`)).status, 403);
    assert.equal((await evening.ask("kim", "DELETE", `/api/campaigns/${id}/members/kim`)).status, 204);
  });

  it("[H21] a changed role and a lost membership show in the running session at once", async () => {
    const id = await evening.campaign({ kim: "player" });
    const sessionId = await evening.session(id);
    await evening.join(sessionId, "kim");
    const { committed } = await evening.hosting.open(sessionId);
    await evening.get("gm", "PUT", `/api/campaigns/${id}/members/kim`, { role: "spectator" });
    assert.equal(committed.places.get("kim")?.role, "spectator");
    await evening.get("gm", "DELETE", `/api/campaigns/${id}/members/kim`);
    assert.equal(committed.places.has("kim"), false);
  });

  it("[H29] lists come in pages, newest first; what is no limit, cursor or status is 400", async () => {
    const id = await evening.campaign();
    for (let i = 0; i < 5; i++) {
      evening.clock.pass(1000);
      await evening.session(id, { title: `Evening ${i}` });
    }
    const path = `/api/campaigns/${id}/sessions`;
    const titles: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 9; pages++) {
      const page: { items: { title: string }[]; nextCursor: string | null } = await evening.get(
        "gm",
        "GET",
        `${path}?limit=2${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      titles.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor;
    }
    assert.deepEqual(
      titles,
      [4, 3, 2, 1, 0].map((i) => `Evening ${i}`),
    );
    assert.equal((await evening.get("gm", "GET", `${path}?status=live`)).items.length, 0);
    assert.equal((await evening.get("gm", "GET", `${path}?status=created&limit=200&other=1`)).items.length, 5);
    assert.equal((await evening.get("gm", "GET", "/api/campaigns")).items.length, 1);
    for (const query of [
      "limit=0",
      "limit=201",
      "limit=1.5",
      "limit=",
      "limit=x",
      "limit=1&limit=2",
      "cursor=x",
      "status=over",
    ]) {
      const answer = await evening.ask("gm", "GET", `${path}?${query}`);
      assert.deepEqual([answer.status, answer.body.code], [400, "bad_request"], query);
    }
    assert.equal((await evening.ask("gm", "GET", "/api/campaigns?cursor=x")).status, 400);
  });
});
