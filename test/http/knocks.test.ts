import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { settled } from "../support/hand-clock.ts";
import { Evening, type Loose } from "./evening.ts";

describe("the waiting room over HTTP", () => {
  let evening: Evening;
  let campaignId: string;
  let sessionId: string;
  let S: string;
  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign({ kim: "player", lee: "player", sam: "spectator" });
    sessionId = await evening.session(campaignId, { settings: { admission: "approve" } });
    S = `/api/sessions/${sessionId}`;
  });
  afterEach(() => evening.end());

  const told = async (userId: string, method: string, path: string, body?: object) => {
    const { status, body: answer } = await evening.ask(userId, method, S + path, body === undefined ? {} : { body });
    const { code, status: stands } = (answer ?? {}) as { code?: string; status?: unknown };
    const word = code ?? (typeof stands === "string" ? stands : undefined);
    return word === undefined ? `${status}` : `${status} ${word}`;
  };
  const knock = (userId: string, body: object = {}) => told(userId, "POST", "/knocks", body);
  const admit = (userId: string, by = "gm") => told(by, "POST", `/knocks/${userId}/admit`);
  const deny = (userId: string, body?: object) => told("gm", "POST", `/knocks/${userId}/deny`, body);
  const mine = (userId: string, wait?: number) =>
    told(userId, "GET", `/knocks/mine${wait === undefined ? "" : `?wait=${wait}`}`);
  const waits = async (): Promise<Loose[]> => (await evening.get("gm", "GET", `${S}/knocks`)).items;
  const set = (admission: "open" | "approve") => evening.get("gm", "PATCH", S, { settings: { admission } });
  /** Begins to wait for an answer, and returns once it is held. */
  const held = async (userId: string, wait = 25) => {
    let isOver = false;
    const before = evening.requests;
    const answer = mine(userId, wait).finally(() => {
      isOver = true;
    });
    await eventually("the request is there", () => evening.requests > before);
    for (let n = 0; n < 20; n++) await settled();
    return { answer, isHeld: () => !isOver };
  };

  it("[H100] `admission` is a setting: `open` unless said, shown, merged, `open` or `approve`", async () => {
    const other = await evening.session(campaignId);
    const of = async (id: string) => (await evening.get("kim", "GET", `/api/sessions/${id}`)).settings.admission;
    assert.deepEqual([await of(other), await of(sessionId)], ["open", "approve"]);
    await evening.get("gm", "PATCH", S, { settings: { idleAfter: 9 } });
    assert.equal(await of(sessionId), "approve");
    assert.equal(await told("gm", "PATCH", "", { settings: { admission: "closed" } }), "400 bad_request");
  });

  it("[H101] knock, read, list, deny with a reason, admit: as the contract has it", async () => {
    assert.equal(await mine("kim"), "404 not_found");
    assert.equal(await knock("kim", { message: "it's me" }), "201 waiting");
    assert.equal(await knock("kim"), "200 waiting");
    assert.equal(await knock("sam"), "201 waiting");
    const list = await waits();
    assert.deepEqual(
      list.map(({ userId, name, role, via, message }) => [userId, name, role, via, message]),
      [
        ["kim", "kim", "player", "member", "it's me"],
        ["sam", "sam", "spectator", "member", null],
      ],
    );
    assert.match(list[0].since, /^\d{4}-.*Z$/);
    assert.deepEqual(await evening.get("kim", "GET", `${S}/knocks/mine`), { status: "waiting", reason: null });
    assert.equal(await deny("kim", { reason: "not tonight" }), "204");
    assert.equal(await deny("kim"), "204");
    assert.deepEqual(await evening.get("kim", "GET", `${S}/knocks/mine`), { status: "denied", reason: "not tonight" });
    assert.equal(await knock("kim"), "200 denied");
    assert.deepEqual((await waits()).length, 1);
    for (let n = 0; n < 2; n++) assert.equal(await admit("kim"), "204");
    assert.deepEqual(await evening.get("kim", "GET", `${S}/knocks/mine`), { status: "admitted", reason: null });
    assert.equal(await evening.join(sessionId, "kim"), undefined);
    assert.deepEqual((await evening.kinds(sessionId)).slice(-3), [
      "participant.denied",
      "participant.admitted",
      "participant.joined",
    ]);
    const { items } = await evening.get("lee", "GET", `${S}/events`);
    assert.ok(items.every(({ kind }: Loose) => !/admitted|denied/.test(kind)));
    assert.ok(!evening.logLines.some((line) => /not tonight|it's me/.test(line)));
  });

  it("[H101] who may join at once is admitted and leaves no knock: everybody of an open session, a GM, who has a place", async () => {
    assert.equal(await knock("gm"), "201 admitted");
    await set("open");
    assert.equal(await knock("kim"), "201 admitted");
    await evening.join(sessionId, "lee");
    await set("approve");
    assert.equal(await knock("lee"), "201 admitted");
    assert.deepEqual([await mine("gm"), await mine("kim"), await mine("lee")], Array(3).fill("404 not_found"));
    assert.deepEqual(await waits(), []);
  });

  it("[H102] who may knock, and what they are told otherwise", async () => {
    const good = await evening.invite(sessionId, { maxUses: 5 });
    const bad = await evening.invite(sessionId);
    await evening.get("gm", "DELETE", `${S}/invites/${bad.id}`);
    for (const body of [
      {},
      { invite: "none" },
      { invite: bad.token },
      { invite: 5 },
      { message: 5 },
      { invite: "x".repeat(9_999) },
    ]) {
      assert.equal(await knock("ana", body), "404 not_found", JSON.stringify(body).slice(0, 40));
    }
    evening.clock.pass(10_000);
    assert.equal(await knock("ana", { invite: good.token, message: 5 }), "400 bad_request");
    assert.equal(await knock("ben", { invite: good.token, loud: true }), "400 bad_request");
    assert.equal(await knock("ana", { invite: good.token, message: "x".repeat(501) }), "400 bad_request");
    assert.equal(await knock("ana", { invite: good.token, message: "a\u202eb" }), "400 bad_request");
    assert.equal(await knock("ana", { invite: good.token, message: null }), "201 waiting");
    assert.equal(await knock("ana", { message: "me again" }), "200 waiting", "the invite is known");
    assert.equal((await waits())[0].via, `invite:${good.id}`);
    const other = await evening.session(campaignId);
    assert.equal((await evening.ask("ana", "POST", `/api/sessions/${other}/knocks`, { body: {} })).status, 404);
    for (const path of ["", "/state", "/history", "/events", "/commands", "/knocks", "/stream", "/invites"]) {
      assert.equal(await told("ana", "GET", path), "404 not_found", path);
      assert.equal((await told("kim", "GET", path)).startsWith("404"), false, path);
    }
    assert.equal(await told("ana", "POST", "/stream/tickets"), "404 not_found");
    assert.equal(await mine("ana"), "200 waiting");
    for (const who of ["kim", "sam", "ana"]) {
      const no = who === "ana" ? "404 not_found" : "403 forbidden";
      assert.equal(await told(who, "GET", "/knocks"), no);
      assert.equal(await admit("ana", who), no);
      assert.equal(await told(who, "POST", "/knocks/ana/deny"), no);
    }
    assert.equal(await admit("nobody"), "404 not_found");
    assert.equal(await admit("a%2Fb"), "400 bad_request");
    assert.equal(await deny("ana", { reason: "x".repeat(501) }), "400 bad_request");
    assert.equal(await told("kim", "GET", "/knocks/mine?wait=26"), "404 not_found");
    for (const wait of ["26", "-1", "1.5", "x", ""])
      assert.equal(await told("ana", "GET", `/knocks/mine?wait=${wait}`), "400 bad_request");
    assert.equal(await told("ana", "PUT", "/knocks/mine"), "405 method_not_allowed");
  });

  it("[H102] who is banned: a member 403, a stranger 404; a guest knocks at their session alone", async () => {
    const { token, id } = await evening.invite(sessionId, { maxUses: 5 });
    await knock("ana", { invite: token });
    await knock("kim");
    for (const userId of ["ana", "kim"]) {
      await evening.get("gm", "POST", `${S}/participants/${userId}/remove`, { ban: true });
    }
    assert.deepEqual([await knock("kim"), await mine("kim")], ["403 banned", "403 banned"]);
    assert.deepEqual([await knock("ana", { invite: token }), await mine("ana")], ["404 not_found", "404 not_found"]);
    assert.deepEqual(await waits(), []);
    const guest = await evening.tokenFor("guest:1", { guestOf: sessionId, guestInvite: id });
    const headers = { authorization: `Bearer ${guest}` };
    const asGuest = async (at: string) =>
      (await evening.ask(null, "POST", `/api/sessions/${at}/knocks`, { body: { invite: token }, headers })).status;
    assert.equal(await asGuest(sessionId), 201);
    const other = await evening.session(campaignId, { settings: { admission: "approve" } });
    assert.equal(await asGuest(other), 404);
    assert.equal(await asGuest("nowhere"), 404);
  });

  it("[H103] state, stream and its tickets are 403 `approval_needed` to members and invitees who have to wait; the rest is not", async () => {
    const { token } = await evening.invite(sessionId, { maxUses: 5 });
    await set("open");
    await evening.join(sessionId, "ana", token);
    await (await evening.hosting.open(sessionId)).leave("ana", "c1");
    const ways = (userId: string) =>
      Promise.all([
        told(userId, "GET", "/state"),
        told(userId, "POST", "/stream/tickets"),
        told(userId, "GET", ""),
        told(userId, "GET", "/history"),
      ]);
    assert.deepEqual(await ways("kim"), ["200 created", "201", "200 created", "200"]);
    const stays = await evening.get("kim", "POST", `${S}/stream/tickets`);
    await set("approve");
    const NEEDED = "403 approval_needed";
    for (const userId of ["kim", "sam", "ana"]) {
      const [state, tickets, session] = await ways(userId);
      assert.deepEqual([state, tickets, session], [NEEDED, NEEDED, "200 created"], userId);
      assert.equal(await told(userId, "GET", "/stream"), NEEDED);
      assert.equal(await evening.join(sessionId, userId), "approval_needed");
      await knock(userId);
      assert.equal((await ways(userId))[0], NEEDED, "waiting");
      await deny(userId);
      assert.equal((await ways(userId))[0], NEEDED, "denied");
    }
    assert.equal((await evening.ask(null, "GET", `${S}/stream?ticket=${stays.ticket}`)).status, 403, "an older ticket");
    assert.equal((await ways("gm"))[0], "200 created");
    await admit("kim");
    assert.deepEqual((await ways("kim")).slice(0, 2), ["200 created", "201"]);
    await evening.get("gm", "POST", `${S}/terminate`);
    await settled();
    assert.equal((await ways("sam"))[0], "200 ended", "of an ended session it stays readable");
  });

  it("[H103] of a session that does not run the small rows say the same", async () => {
    const { token } = await evening.invite(sessionId, { maxUses: 5 });
    await knock("ana", { invite: token });
    await knock("kim");
    await admit("kim");
    await knock("sam");
    await deny("sam");
    await (await evening.hosting.open(sessionId)).close("idle");
    const [row, sessions] = [await evening.stores.sessions.access(sessionId, "ana"), evening.hosting];
    assert.equal(row?.invites.length, 1, "the invite by which they asked");
    assert.deepEqual(
      [await told("kim", "GET", "/state"), await told("sam", "GET", "/state")],
      ["200 created", "403 approval_needed"],
    );
    assert.equal(await told("lee", "POST", "/stream/tickets"), "403 approval_needed");
    assert.equal(await mine("lee"), "404 not_found");
    assert.equal(sessions.running(sessionId), undefined, "nothing of this opened it");
    assert.equal(await mine("ana"), "200 waiting");
    assert.equal((await waits()).length, 1);
  });

  it("[H104] `wait` holds the answer while it is `waiting`, and any change of it or of a right ends it at once", async () => {
    const { token, id } = await evening.invite(sessionId, { maxUses: 9 });
    const cases: Record<string, { change: () => Promise<unknown>; answer: string; who?: string }> = {
      admitted: { change: () => admit("ana"), answer: "200 admitted" },
      denied: { change: () => deny("ben"), answer: "200 denied", who: "ben" },
      "the invite revoked": {
        change: () => evening.get("gm", "DELETE", `${S}/invites/${id}`),
        answer: "404 not_found",
        who: "cid",
      },
      banned: {
        change: () => evening.get("gm", "POST", `${S}/participants/kim/remove`, { ban: true }),
        answer: "403 banned",
        who: "kim",
      },
      "taken out of the campaign": {
        change: () => evening.get("gm", "DELETE", `/api/campaigns/${campaignId}/members/lee`),
        answer: "404 not_found",
        who: "lee",
      },
      "made a GM": {
        change: () => evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/sam`, { role: "gm" }),
        answer: "200 admitted",
        who: "sam",
      },
    };
    for (const [how, { change, answer, who = "ana" }] of Object.entries(cases)) {
      await knock(who, { invite: token });
      const request = await held(who);
      assert.ok(request.isHeld(), how);
      await change();
      evening.clock.pass(1);
      assert.equal(await request.answer, answer, how);
    }
  });

  it("[H104] so do the end of the session, the door's opening, the end of the token, and the time", async () => {
    for (const [how, change, answer] of [
      ["end", () => evening.get("gm", "POST", `${S}/terminate`), "404 not_found"],
      ["open", () => set("open"), "200 admitted"],
      ["time", async () => evening.clock.pass(5_000), "200 waiting"],
    ] as const) {
      sessionId = await evening.session(campaignId, { settings: { admission: "approve" } });
      S = `/api/sessions/${sessionId}`;
      await knock("kim");
      const request = await held("kim", 5);
      evening.clock.pass(4_999);
      for (let n = 0; n < 20; n++) await settled();
      assert.ok(request.isHeld(), how);
      await change();
      assert.equal(await request.answer, answer, how);
    }
    await knock("lee");
    const token = await evening.tokenFor("lee", { expiresAt: evening.clock.now() + 2_000 });
    const before = evening.requests;
    const headers = { authorization: `Bearer ${token}` };
    const answer = evening.ask(null, "GET", `${S}/knocks/mine?wait=25`, { headers });
    await eventually("the request is there", () => evening.requests > before);
    for (let n = 0; n < 20; n++) await settled();
    evening.clock.pass(2_000);
    assert.equal((await answer).status, 401);
  });

  it("[H105] eight knocks in 10 s per person, then 429 with `Retry-After`; what is refused counts", async () => {
    for (let n = 0; n < 8; n++) assert.notEqual(await knock("kim", { message: n === 3 ? 5 : "m" }), "429 rate_limited");
    const refused = await evening.ask("kim", "POST", `${S}/knocks`, { body: {} });
    assert.deepEqual([refused.status, refused.body.code], [429, "rate_limited"]);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal(await knock("lee"), "201 waiting");
    for (let n = 0; n < 8; n++) assert.equal(await knock("nobody"), "404 not_found");
    assert.equal(await knock("nobody"), "429 rate_limited");
    evening.clock.pass(10_000);
    assert.equal(await knock("kim"), "200 waiting");
  });

  it("[H105] 1,000 knocks by 100 people are 100 rows and 100 held answers, all told at once at the end", async () => {
    const { token } = await evening.invite(sessionId, { maxUses: 500 });
    const people = Array.from({ length: 101 }, (_, n) => `p${n}`);
    for (let round = 0; round < 2; round++) {
      for (const userId of people.slice(0, 100)) await knock(userId, { invite: token, message: `${round}` });
    }
    const over = await evening.ask("p100", "POST", `${S}/knocks`, { body: { invite: token } });
    assert.deepEqual([over.status, over.body.code], [429, "rate_limited"]);
    assert.ok(Number(over.headers.get("retry-after")) > 0);
    assert.equal((await waits()).length, 100);
    // Three of one person, then one of each: what is more than one of somebody gives way.
    const greedy = await Promise.all([held("p0"), held("p0"), held("p0")]);
    const requests = await Promise.all(people.slice(1, 100).map((userId) => held(userId)));
    await eventually(
      "the two that are too many are sent away",
      () => greedy.filter((one) => one.isHeld()).length === 1,
    );
    assert.deepEqual(await Promise.all(greedy.filter((one) => !one.isHeld()).map(({ answer }) => answer)), [
      "429 rate_limited",
      "429 rate_limited",
    ]);
    assert.ok(requests.every((one) => one.isHeld()));
    assert.equal(await mine("p0", 25), "429 rate_limited");
    assert.equal(await mine("p0"), "200 waiting", "who does not wait is always answered");
    await evening.get("gm", "POST", `${S}/terminate`);
    const answers = await Promise.all(requests.map(({ answer }) => answer));
    assert.deepEqual(new Set(answers), new Set(["404 not_found"]));
  });

  it("[H105] of one person four are held; one whose asker has gone makes room", async () => {
    await knock("kim");
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const headers = { authorization: `Bearer ${await evening.tokenFor("kim")}` };
    const before = evening.requests;
    const asks = controllers.map(({ signal }) =>
      fetch(`${evening.url}${S}/knocks/mine?wait=25`, { headers, signal }).catch(() => undefined),
    );
    await eventually("all four are there", () => evening.requests === before + 4);
    for (let n = 0; n < 20; n++) await settled();
    assert.equal(await mine("kim", 25), "429 rate_limited");
    controllers[0]!.abort();
    assert.equal(await asks[0], undefined);
    await eventually("there is room again", async () => (await held("kim")).isHeld());
    await admit("kim");
    const answers = await Promise.all(asks.slice(1));
    assert.deepEqual(
      answers.map((one) => one?.status),
      [200, 200, 200],
    );
  });

  it("[H106] a stream of somebody who has to wait from now on ends, that of somebody with a place goes on", async () => {
    await set("open");
    await evening.join(sessionId, "kim");
    const open = async (userId: string) => {
      const headers = { authorization: `Bearer ${await evening.tokenFor(userId)}` };
      const response = await fetch(`${evening.url}${S}/stream`, { headers });
      assert.equal(response.status, 200);
      let text = "";
      const reading = (async () => {
        for await (const chunk of response.body!) text += new TextDecoder().decode(chunk);
      })().catch(() => {});
      return { text: () => text, reading };
    };
    const [kim, lee] = [await open("kim"), await open("lee")];
    await set("approve");
    await lee.reading;
    assert.match(lee.text(), /event: end\ndata: \{"reason":"access_revoked"\}/);
    assert.doesNotMatch(kim.text(), /event: end/);
    await (await evening.hosting.open(sessionId)).leave("kim", "c1");
    await kim.reading;
    assert.match(kim.text(), /event: end/);
  });

  it("[H107] an ended session: 409 to a knock and to an answer, nobody waits", async () => {
    await knock("kim");
    await evening.get("gm", "POST", `${S}/terminate`);
    await settled();
    assert.equal(await knock("lee"), "409 session_ended");
    assert.deepEqual([await admit("kim"), await deny("kim")], ["409 session_ended", "409 session_ended"]);
    assert.deepEqual([await waits(), await mine("kim")], [[], "404 not_found"]);
  });
});
