import assert from "node:assert/strict";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { Evening } from "./evening.ts";

describe("sessions over HTTP", () => {
  let evening: Evening;
  let campaignId: string;
  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign({ kim: "player", sue: "spectator" });
  });
  afterEach(() => evening.end());

  it("[H22] starts with the defaults under what is given; PATCH merges; an empty one is no event", async () => {
    const body = { title: "One", settings: { idleAfter: 7 } };
    const session = await evening.get("gm", "POST", `/api/campaigns/${campaignId}/sessions`, body);
    assert.deepEqual(session, {
      id: session.id,
      campaignId,
      title: "One",
      status: "created",
      maxParticipants: 8,
      settings: { ...DEFAULT_SETTINGS, idleAfter: 7 },
      createdBy: "gm",
      createdAt: "2030-05-01T19:00:00.000Z",
      startedAt: null,
      endedAt: null,
      online: 0,
    });
    const path = `/api/sessions/${session.id}`;
    const change = { maxParticipants: 2, settings: { reconnectWindow: 0 } };
    const changed = { ...session, maxParticipants: 2, settings: { ...session.settings, reconnectWindow: 0 } };
    assert.deepEqual(await evening.get("gm", "PATCH", path, change), changed);
    const kinds = await evening.kinds(session.id);
    assert.deepEqual(await evening.get("gm", "PATCH", path, {}), changed);
    assert.deepEqual(await evening.get("gm", "PATCH", path), changed);
    assert.deepEqual(await evening.get("gm", "GET", path), changed);
    assert.deepEqual(await evening.kinds(session.id), kinds);
  });

  it("[H144] PATCH tells what it changed, and nothing where it named what was so already", async () => {
    const sessionId = await evening.session(campaignId);
    const path = `/api/sessions/${sessionId}`;
    const updates = async () => {
      const { items } = await evening.get("gm", "GET", `${path}/events`);
      return items.flatMap(({ kind, data }: { kind: string; data: unknown }) =>
        kind === "session.updated" ? [data] : [],
      );
    };
    const before = await evening.get("gm", "GET", path);
    for (const same of [
      { title: before.title },
      { maxParticipants: 8, settings: {} },
      { settings: { idleAfter: 120, admission: "open" } },
      { title: before.title, maxParticipants: 8, settings: before.settings },
    ]) {
      assert.deepEqual(await evening.get("gm", "PATCH", path, same), before);
    }
    assert.deepEqual(await updates(), []);
    const after = await evening.get("gm", "PATCH", path, {
      title: before.title,
      maxParticipants: 3,
      settings: { ...before.settings, idleAfter: 5 },
    });
    assert.deepEqual(after, { ...before, maxParticipants: 3, settings: { ...before.settings, idleAfter: 5 } });
    assert.deepEqual(await updates(), [{ maxParticipants: 3, idleAfter: 5 }]);
    await evening.get("gm", "PATCH", path, { title: "Another", settings: { idleAfter: 5 } });
    assert.deepEqual(await updates(), [{ maxParticipants: 3, idleAfter: 5 }, { title: "Another" }]);
  });

  it("[H22] online counts the people who are in", async () => {
    const sessionId = await evening.session(campaignId);
    await evening.join(sessionId, "kim");
    assert.equal((await evening.get("kim", "GET", `/api/sessions/${sessionId}`)).online, 1);
    assert.equal((await evening.get("kim", "GET", `/api/campaigns/${campaignId}/sessions`)).items[0].online, 1);
  });

  it("[H24] steps: what the status does not allow is 409; where it stands already, 200 and no event", async () => {
    const sessionId = await evening.session(campaignId);
    const step = async (name: string, body?: object) => {
      const answer = await evening.ask(
        "gm",
        "POST",
        `/api/sessions/${sessionId}/${name}`,
        body === undefined ? {} : { body },
      );
      return answer.body.code ?? answer.body.status;
    };
    const walked: [string, string][] = [
      ["pause", "invalid_transition"],
      ["resume", "invalid_transition"],
      ["start", "live"],
      ["start", "live"],
      ["resume", "live"],
      ["pause", "paused"],
      ["pause", "paused"],
      ["start", "invalid_transition"],
      ["resume", "live"],
      ["terminate", "ended"],
      ["terminate", "ended"],
      ["start", "invalid_transition"],
      ["pause", "invalid_transition"],
      ["resume", "invalid_transition"],
    ];
    for (const [name, answer] of walked)
      assert.equal(await step(name, name === "pause" ? { reason: "tea" } : undefined), answer, name);
    assert.deepEqual(
      (await evening.kinds(sessionId)).filter((kind) => kind.startsWith("session.")),
      ["session.created", "session.started", "session.paused", "session.resumed", "session.ended"],
    );
    assert.equal(
      (await evening.ask("gm", "POST", `/api/sessions/${sessionId}/terminate`, { body: { reason: "x" } })).status,
      400,
    );
  });

  it("[H23] continueFrom: all entries, seq 1, version 1, by kept; of nothing, seq 0; of another campaign, 400", async () => {
    const first = await evening.session(campaignId);
    await evening.join(first, "gm");
    for (const [path, value] of [
      ["shared/map", { x: 1, y: [2] }],
      ["gm/plot", "dragon"],
      ["private/kim/note", "hush"],
    ] as const) {
      await evening.command(first, "gm", "set", { path, value });
    }
    const second = await evening.session(campaignId, { continueFrom: first });
    const state = await evening.get("gm", "GET", `/api/sessions/${second}/state`);
    const entry = (value: string) => ({ value, version: 1, by: "gm" });
    assert.deepEqual(state, {
      seq: 1,
      status: "created",
      entries: { "shared/map/x": entry("1"), "shared/map/y": entry("[2]") },
      hidden: { "gm/plot": entry('"dragon"'), "private/kim/note": entry('"hush"') },
    });
    const { items } = await evening.get("gm", "GET", `/api/sessions/${second}/commands`);
    assert.deepEqual(items, [{ seq: 1, at: "2030-05-01T19:00:00.000Z", userId: "gm", action: "continue" }]);
    const empty = await evening.session(campaignId, { continueFrom: await evening.session(campaignId) });
    assert.equal((await evening.get("gm", "GET", `/api/sessions/${empty}/state`)).seq, 0);
    const elsewhere = await evening.campaign();
    for (const continueFrom of [first, "nowhere"]) {
      const answer = await evening.ask("gm", "POST", `/api/campaigns/${elsewhere}/sessions`, {
        body: { title: "x", continueFrom },
      });
      assert.deepEqual([answer.status, answer.body.errors?.[0].path], [400, "/continueFrom"]);
    }
  });

  it("[H28] state is what a join would show: private for that person, gm/ for GMs, nothing hidden for invitees", async () => {
    const sessionId = await evening.session(campaignId);
    const invite = await evening.invite(sessionId);
    for (const [userId, token] of [["gm"], ["ivy", invite.token]] as [string, string?][])
      await evening.join(sessionId, userId, token);
    for (const path of ["shared/a", "players/kim/b", "private/kim/c", "private/ivy/d", "gm/e", "table/f"]) {
      await evening.command(sessionId, "gm", "set", { path, value: 1 });
    }
    const seen = async (userId: string) => {
      const { seq, entries, hidden } = await evening.get(userId, "GET", `/api/sessions/${sessionId}/state`);
      assert.equal(seq, 6);
      assert.deepEqual(Object.keys(entries).sort(), ["players/kim/b", "shared/a", "table/f"]);
      return Object.keys(hidden).sort();
    };
    assert.deepEqual(await seen("gm"), ["gm/e", "private/ivy/d", "private/kim/c"]);
    assert.deepEqual(await seen("kim"), ["private/kim/c"]);
    assert.deepEqual(await seen("sue"), []);
    assert.deepEqual(await seen("ivy"), ["private/ivy/d"]);
  });

  it("[H25] an invite's token is shown once; the link leads here; previews end with the invite", async () => {
    const sessionId = await evening.session(campaignId);
    const path = `/api/sessions/${sessionId}/invites`;
    const { token, url, ...invite } = await evening.get("gm", "POST", path, { label: "Ivy", expiresInSeconds: 60 });
    assert.equal(url, `${evening.url}/invite/${token}`);
    assert.deepEqual(await evening.get("gm", "GET", path), { items: [invite] });
    assert.deepEqual(await evening.get("ivy", "GET", `/api/invites/${token}`), {
      sessionId,
      campaignName: "The Sunken Keep",
      sessionTitle: "One",
      status: "created",
      role: "player",
      expiresAt: "2030-05-01T19:01:00.000Z",
      usesLeft: 1,
    });
    const preview = async (userId: string) => (await evening.ask(userId, "GET", `/api/invites/${token}`)).status;
    assert.equal(await evening.join(sessionId, "ivy", token), undefined);
    assert.deepEqual([await preview("ivy"), await preview("new")], [200, 404], "used up, but not for who used it");
    evening.clock.pass(60_000);
    assert.equal(await preview("ivy"), 404, "expired");
    const next = await evening.invite(sessionId, { maxUses: 500 });
    for (let i = 0; i < 2; i++) assert.equal((await evening.ask("gm", "DELETE", `${path}/${next.id}`)).status, 204);
    assert.equal((await evening.ask("new", "GET", `/api/invites/${next.token}`)).status, 404, "revoked");
    const stored = JSON.stringify(evening.stores.appends);
    assert.ok(!stored.includes(token) && !stored.includes(next.token));
  });

  it("[H25] with PUBLIC_URL the link leads there; revoking with disconnect frees the places", async () => {
    const open = await Evening.begin({ PUBLIC_URL: "https://table.example/live/" });
    const sessionId = await open.session(await open.campaign());
    const { id, token, url } = await open.invite(sessionId);
    assert.equal(url, `https://table.example/live/invite/${token}`);
    await open.join(sessionId, "ivy", token);
    const path = `/api/sessions/${sessionId}/invites/${id}`;
    assert.equal((await open.ask("gm", "DELETE", `${path}?disconnect=maybe`)).status, 400);
    const { committed } = await open.hosting.open(sessionId);
    assert.equal(committed.places.has("ivy"), true);
    await open.get("gm", "DELETE", `${path}?disconnect=true`);
    assert.equal(committed.places.has("ivy"), false);
    open.end();
  });

  it("[H26] ended: changes and invites are 409, putting things in order works, reading stays", async () => {
    const sessionId = await evening.session(campaignId);
    const path = `/api/sessions/${sessionId}`;
    const { id } = await evening.invite(sessionId);
    await evening.get("gm", "POST", `${path}/terminate`);
    const ask = async (method: string, under: string, body?: unknown) => {
      const answer = await evening.ask("gm", method, path + under, body === undefined ? {} : { body });
      return answer.body?.code ?? answer.status;
    };
    assert.equal(await ask("PATCH", "", { title: "x" }), "session_ended");
    assert.equal(await ask("PATCH", "", {}), "session_ended");
    assert.equal(await ask("PATCH", "", { title: "" }), "bad_request");
    assert.equal(await ask("POST", "/invites", {}), "session_ended");
    assert.equal(await ask("DELETE", `/invites/${id}`), 204);
    assert.equal(await ask("POST", "/participants/kim/remove", {}), 204);
    assert.equal(await ask("POST", "/participants/kim/remove", { ban: true }), 204);
    assert.equal((await evening.ask("kim", "GET", path)).status, 403);
    assert.equal(await ask("DELETE", "/bans/kim"), 204);
    for (const under of ["", "/state", "/history", "/events", "/commands", "/invites", "/events/verify"]) {
      assert.equal(await ask("GET", under), 200, under);
    }
  });

  it("[H27] removing: whoever is in, or to ban whoever is not; never a GM; unbanning nobody is 204", async () => {
    const sessionId = await evening.session(campaignId);
    const remove = (userId: string, body: object) =>
      evening.ask("gm", "POST", `/api/sessions/${sessionId}/participants/${userId}/remove`, { body });
    await evening.join(sessionId, "kim");
    assert.equal((await remove("kim", { reason: "late" })).status, 204);
    assert.equal(await evening.join(sessionId, "kim"), undefined, "removed is not banned");
    assert.equal((await remove("kim", { ban: true, reason: "rude" })).status, 204);
    assert.equal(await evening.join(sessionId, "kim"), "banned");
    assert.equal((await remove("stranger", { ban: true })).status, 204);
    assert.equal((await remove("gm", { ban: true })).body.code, "forbidden");
    assert.equal((await remove("kim", { reason: "x".repeat(501) })).status, 400);
    for (let i = 0; i < 2; i++) {
      assert.equal((await evening.ask("gm", "DELETE", `/api/sessions/${sessionId}/bans/kim`)).status, 204);
    }
    assert.equal(await evening.join(sessionId, "kim"), undefined);
  });

  it("[H29] the audit trail in pages: all for a GM, the table's for members; the chain holds, until it is touched", async () => {
    const sessionId = await evening.session(campaignId);
    await evening.invite(sessionId);
    await evening.join(sessionId, "kim");
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/start`);
    const path = `/api/sessions/${sessionId}/events`;
    const all = await evening.get("gm", "GET", path);
    const kinds = all.items.map(({ kind }: { kind: string }) => kind);
    assert.deepEqual(kinds, ["session.created", "invite.created", "participant.joined", "session.started"]);
    assert.equal(all.nextAfter, null);
    const shown: number[] = [];
    let after: number | null = 0;
    for (let pages = 0; after !== null && pages < 9; pages++) {
      const page: { items: { n: number }[]; nextAfter: number | null } = await evening.get(
        "sue",
        "GET",
        `${path}?limit=1&after=${after}`,
      );
      shown.push(...page.items.map(({ n }) => n));
      after = page.nextAfter;
    }
    assert.deepEqual(shown, [1, 3, 4]);
    for (const query of ["after=-1", "after=x", "limit=0"])
      assert.equal((await evening.ask("gm", "GET", `${path}?${query}`)).status, 400);
    const head = all.items.at(-1).hash;
    assert.deepEqual(await evening.get("gm", "GET", `${path}/verify`), {
      valid: true,
      count: 4,
      firstBrokenAt: null,
      head,
    });

    const read = evening.stores.log.events;
    evening.stores.log.events = async (...asked) =>
      (await read(...asked)).map((event) =>
        event.n === 2 ? { ...event, data: { ...event.data, maxUses: 9 } } : event,
      );
    const broken = await evening.get("gm", "GET", `${path}/verify`);
    assert.deepEqual([broken.valid, broken.firstBrokenAt, broken.count], [false, 2, 4]);
  });

  it("[H29] commands in pages: who did what, no path, no value", async () => {
    const sessionId = await evening.session(campaignId);
    await evening.join(sessionId, "gm");
    await evening.command(sessionId, "gm", "set", { path: "shared/secret-canary", value: "value-canary" });
    await evening.command(sessionId, "gm", "batch", { ops: [{ action: "delete", payload: { path: "shared/x" } }] });
    const path = `/api/sessions/${sessionId}/commands`;
    const first = await evening.ask("gm", "GET", `${path}?limit=1`);
    assert.deepEqual(first.body, {
      items: [{ seq: 1, at: "2030-05-01T19:00:00.000Z", userId: "gm", action: "set" }],
      nextAfter: 1,
    });
    assert.ok(!first.text.includes("canary"));
    const second = await evening.get("gm", "GET", `${path}?after=1`);
    assert.deepEqual([second.items[0].action, second.nextAfter], ["batch", null]);
  });

  it("[H29] history: whole seconds up to now", async () => {
    const sessionId = await evening.session(campaignId);
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/start`);
    await evening.join(sessionId, "kim");
    evening.clock.pass(90_500);
    const history = await evening.get("sue", "GET", `/api/sessions/${sessionId}/history`);
    assert.equal(history.liveSeconds, 90);
    assert.deepEqual([history.participants[0].userId, history.participants[0].onlineSeconds], ["kim", 90]);
  });
});
