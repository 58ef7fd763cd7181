import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Evening, type Loose } from "./evening.ts";

describe("what is null in a body", () => {
  let evening: Evening;
  let campaignId: string;
  let campaign: string;
  let session: string;
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "null-fields-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign({ ann: "player" });
    campaign = `/api/campaigns/${campaignId}`;
    session = `/api/sessions/${await evening.session(campaignId)}`;
  });
  afterEach(() => evening.end());

  const send = (method: string, path: string, body: unknown) => evening.ask<Loose>("gm", method, path, { body });

  it("[H61] counts as absent where it may be absent", async () => {
    for (const [method, path, body, status] of [
      ["PUT", `${campaign}/members/ben`, { role: "player", name: null }, 200],
      ["POST", `${campaign}/sessions`, { title: "A", maxParticipants: null, settings: null, continueFrom: null }, 201],
      ["POST", `${campaign}/sessions`, { title: "B", settings: { idleAfter: null, reconnectWindow: 7 } }, 201],
      ["PATCH", session, { title: null, maxParticipants: null, settings: null }, 200],
      ["PATCH", session, { settings: { idleAfter: 5, snapshotEvery: null } }, 200],
      ["POST", `${session}/invites`, { role: null, maxUses: null, expiresInSeconds: null, label: null }, 201],
      ["POST", `${session}/start`, {}, 200],
      ["POST", `${session}/pause`, { reason: null }, 200],
      ["POST", `${session}/participants/zed/remove`, { ban: null, reason: null }, 204],
    ] as const) {
      const answer = await send(method, path, body);
      assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`);
      if (path.endsWith("/sessions")) {
        assert.equal(answer.body.maxParticipants, 8);
        assert.equal(answer.body.settings.idleAfter, 120);
      }
      if (path.endsWith("/invites")) {
        const { role, maxUses, label } = answer.body;
        assert.deepEqual({ role, maxUses, label }, { role: "player", maxUses: 1, label: null });
      }
    }
    const { settings } = await evening.get("gm", "GET", session);
    assert.deepEqual([settings.idleAfter, settings.snapshotEvery], [5, 30]);
  });

  it("[H61] a member as they are shown can be put back, and an empty PATCH is one of nulls", async () => {
    await send("PUT", `${campaign}/members/ann`, { role: "player", name: "Annabel" });
    const { members } = await evening.get("gm", "GET", campaign);
    for (const { userId, name, role } of members) {
      assert.equal((await send("PUT", `${campaign}/members/${userId}`, { role, name })).status, 200, userId);
    }
    assert.deepEqual((await evening.get("gm", "GET", campaign)).members, members, "and nothing changed");
    await send("PUT", `${campaign}/members/ann`, { role: "spectator", name: null });
    const ann = (await evening.get("gm", "GET", campaign)).members.find((one: Loose) => one.userId === "ann");
    assert.deepEqual(ann, { userId: "ann", name: "Annabel", role: "spectator" });
    const before = await evening.kinds(session.slice("/api/sessions/".length));
    assert.equal((await send("PATCH", session, { title: null })).status, 200);
    assert.deepEqual(await evening.kinds(session.slice("/api/sessions/".length)), before);
  });

  it("[H61] is refused where something is needed, unknown, or no body at all", async () => {
    for (const [method, path, body, pointer] of [
      ["POST", "/api/campaigns", { name: null }, "/name"],
      ["PUT", `${campaign}/members/ann`, { role: null }, "/role"],
      ["POST", `${campaign}/sessions`, { title: null }, "/title"],
      ["PATCH", session, { colour: null }, "/colour"],
      ["PATCH", session, { settings: { colour: null } }, "/settings/colour"],
      ["PATCH", session, JSON.parse('{"__proto__":null}'), "/__proto__"],
      ["PATCH", session, { constructor: null }, "/constructor"],
      ["POST", `${session}/start`, { reason: null }, "/reason"],
      ["PATCH", session, null, ""],
      ["POST", `${session}/start`, null, ""],
    ] as const) {
      const answer = await send(method, path, body);
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.path], [400, pointer], `${method} ${path}`);
    }
  });

  it("[H61] dev login takes it too", async () => {
    const dev = await Evening.begin({ AUTH_JWT_SECRET: "", DATA_DIR: folder });
    const answer = await dev.ask(null, "POST", "/dev/token", { body: { userId: "kim", name: null, roles: null } });
    assert.equal(answer.status, 200);
    dev.end();
  });

  it("[H61] the description says so", async () => {
    const { paths } = (await evening.ask(null, "GET", "/openapi.json")).body;
    const bodyOf = (path: string, method: string) =>
      paths[path][method].requestBody.content["application/json"].schema.properties;
    const member = bodyOf("/api/campaigns/{campaignId}/members/{userId}", "put");
    assert.deepEqual([member.name.type, member.role.type], [["string", "null"], "string"]);
    const patch = bodyOf("/api/sessions/{sessionId}", "patch");
    assert.deepEqual(patch.settings.type, ["object", "null"]);
    assert.deepEqual(patch.settings.properties.idleAfter.type, ["integer", "null"]);
    const invite = bodyOf("/api/sessions/{sessionId}/invites", "post");
    assert.deepEqual(invite.role.enum, ["player", "spectator", null]);
  });

  it("[H7] names, titles, labels and reasons hold nothing that cannot be seen or turns others around", async () => {
    for (const [method, path, body, pointer] of [
      ["POST", "/api/campaigns", { name: "\u0000" }, "/name"],
      ["POST", "/api/campaigns", { name: "   " }, "/name"],
      ["POST", "/api/campaigns", { name: "a\u202eb" }, "/name"],
      ["PUT", `${campaign}/members/ann`, { role: "player", name: "\u200b" }, "/name"],
      ["PUT", `${campaign}/members/ann`, { role: "player", name: "A\u001b[2J" }, "/name"],
      ["POST", `${campaign}/sessions`, { title: "a\nb" }, "/title"],
      ["PATCH", session, { title: "\u3000" }, "/title"],
      ["POST", `${session}/invites`, { label: "\u2066x\u2069" }, "/label"],
      ["POST", `${session}/participants/zed/remove`, { reason: "a\u0007" }, "/reason"],
    ] as const) {
      const answer = await send(method, path, body);
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.path], [400, pointer], `${method} ${path}`);
    }
    assert.equal((await send("POST", `${session}/start`, {})).status, 200);
    assert.equal((await send("POST", `${session}/pause`, { reason: "a\u0000" })).status, 400);
    assert.equal((await send("POST", `${session}/pause`, { reason: "tea\nback at nine" })).status, 200);
  });
});
