import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { Evening, type Loose } from "./evening.ts";
import { Reading } from "./reading.ts";

describe("a session as Server-Sent Events", () => {
  let evening: Evening;
  let campaignId: string;
  let sessionId: string;
  let path: string;
  const readings: Reading[] = [];

  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign({ ann: "player", sam: "spectator", mia: "gm" });
    sessionId = await evening.session(campaignId);
    path = `/api/sessions/${sessionId}`;
    await evening.join(sessionId, "gm");
  });

  afterEach(() => {
    for (const reading of readings.splice(0)) reading.close();
    evening.end();
  });

  async function read(userId: string): Promise<Reading> {
    const reading = await Reading.open(evening, sessionId, { token: await evening.tokenFor(userId) });
    assert.equal(reading.status, 200);
    readings.push(reading);
    await reading.until("a snapshot", () => reading.events.length > 0);
    return reading;
  }

  /** Every command whose patch waits for company is shown. */
  const settle = () => evening.clock.pass(60);

  const set = (to: string, value: unknown) => evening.command(sessionId, "gm", "set", { path: to, value });

  const told = async (userId: string) => {
    const { seq, entries, hidden } = await evening.get(userId, "GET", `${path}/state`);
    return { seq, entries: new Map<string, Loose>([...Object.entries(entries), ...Object.entries(hidden)]) };
  };

  it("[H37] starts with a whole snapshot, fields and numbers as in the room, for a reader with or without a place", async () => {
    await evening.join(sessionId, "ann");
    await set("shared/a", { b: 1, c: "two\r\nlines\u2028 and more" });
    await set("private/ann/x", "hers");
    await set("private/sam/x", "his");
    await set("gm/x", "theirs");
    const ann = await read("ann");
    assert.equal(ann.headers.get("content-type"), "text/event-stream");
    assert.equal(ann.headers.get("cache-control"), "no-store");
    assert.equal(ann.headers.get("x-accel-buffering"), "no");
    assert.equal(ann.events.length, 1);
    const { name, data } = ann.events[0]!;
    assert.equal(name, "snapshot");
    const now = evening.clock.now();
    const there = { presence: "online", activity: "none", joinedAt: now, lastSeenAt: now, reconnectUntil: 0 };
    const by = "gm";
    assert.deepEqual(data, {
      seq: 4,
      status: "created",
      title: "One",
      entries: {
        "shared/a/b": { value: "1", version: 1, by },
        "shared/a/c": { value: JSON.stringify("two\r\nlines\u2028 and more"), version: 1, by },
        "private/ann/x": { value: '"hers"', version: 2, by },
      },
      participants: {
        gm: { userId: "gm", name: "gm", role: "gm", ...there },
        ann: { userId: "ann", name: "ann", role: "player", ...there },
      },
    });
  });

  it("[H37] the snapshot with every patch is what `state` tells that person, through every action", async () => {
    await set("gm/plan", { a: 1, b: [2] });
    const readers = new Map([...["gm", "mia", "ann", "sam"]].map((userId) => [userId, read(userId)]));
    await Promise.all(readers.values());
    const steps: [action: string, payload: object][] = [
      ["set", { path: "shared/x", value: { y: 1, __proto__x: 2, z: { deep: true } } }],
      ["set", { path: "shared/__proto__", value: 1 }],
      ["merge", { path: "shared/x", value: { y: null, w: "new" } }],
      ["increment", { path: "shared/count", by: 2 }],
      ["append", { path: "private/ann/log", values: ["a", "b"] }],
      ["set", { path: "private/sam/log", value: "s" }],
      ["delete", { path: "private/ann/log" }],
      ["move", { from: "gm/plan", to: "shared/plan" }],
      ["move", { from: "shared/x", to: "gm/x" }],
      ["delete", { path: "shared/nothing" }],
    ];
    for (const [action, payload] of steps) {
      await evening.command(sessionId, "gm", action, payload);
      if (action !== "append") settle();
    }
    settle();
    for (const [userId, opening] of readers) {
      const reading = await opening;
      const { seq, entries } = await told(userId);
      await reading.until(`${userId} at ${seq}`, () => reading.seq === seq);
      const byPath = (a: [string, unknown], b: [string, unknown]) => (a[0] < b[0] ? -1 : 1);
      assert.deepEqual([...reading.entries()].sort(byPath), [...entries].sort(byPath), userId);
      assert.ok(reading.entries().size > 3);
    }
    assert.ok(!(await readers.get("ann"))!.text.includes("private/sam"));
    assert.ok(!(await readers.get("sam"))!.text.includes("private/ann"));
  });

  it("[H38] every reader follows `seq`, also over what is not theirs, and commits in between share a patch", async () => {
    const [ann, gm] = [await read("ann"), await read("gm")];
    await set("gm/a", 1);
    await ann.until("seq 1", () => ann.seq === 1);
    assert.deepEqual(ann.all("patch"), [{ seq: 1, set: {}, delete: [] }]);
    await gm.until("seq 1", () => gm.seq === 1);
    assert.deepEqual(gm.all("patch"), [{ seq: 1, set: { "gm/a": { value: "1", version: 1, by: "gm" } }, delete: [] }]);
    await set("shared/a", 1);
    await set("shared/a", 2);
    await set("shared/b", 3);
    await evening.command(sessionId, "gm", "delete", { path: "shared/b" });
    settle();
    await ann.until("seq 5", () => ann.seq === 5);
    assert.deepEqual(ann.all("patch").slice(1), [
      { seq: 5, set: { "shared/a": { value: "2", version: 3, by: "gm" } }, delete: ["shared/b"] },
    ]);
    await evening.command(sessionId, "gm", "delete", { path: "shared/nothing" });
    settle();
    await ann.until("seq 6", () => ann.seq === 6);
    for (const reader of [await read("ann"), await read("gm")]) {
      assert.equal(reader.seq, 6, "whoever comes later starts from here");
      assert.equal(reader.entries().get("shared/a").value, "2");
    }
    await set("shared/a", 7);
    await set("shared/a", 8);
    const late = await read("ann");
    settle();
    await ann.until("seq 8", () => ann.seq === 8);
    assert.equal(late.entries().get("shared/a").value, "8");
    assert.equal(late.events.length, 1, "what waited for company is in the snapshot, and does not follow it");
  });

  it("[H39] a promotion sets what is seen now, a demotion deletes it, and nothing later is sent", async () => {
    await set("gm/plan", "p");
    await set("private/sam/x", "s");
    await set("private/ann/x", "a");
    const ann = await read("ann");
    const role = (to: string) => evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/ann`, { role: to });
    await role("gm");
    await ann.until("what GMs see", () => ann.entries().has("gm/plan"));
    assert.deepEqual([...ann.entries().keys()].sort(), ["gm/plan", "private/ann/x", "private/sam/x"]);
    assert.deepEqual(ann.all("patch").at(-1).delete, []);
    await set("gm/before", "canary-before");
    await role("spectator");
    settle();
    await ann.until("less", () => !ann.entries().has("gm/plan"));
    assert.deepEqual([...ann.entries().keys()], ["private/ann/x"]);
    assert.deepEqual([...ann.all("patch").at(-1).delete].sort(), ["gm/before", "gm/plan", "private/sam/x"]);
    await set("gm/after", "canary-after");
    await evening.command(sessionId, "gm", "delete", { path: "gm/plan" });
    settle();
    await ann.until("seq 6", () => ann.seq === 6);
    assert.ok(!ann.text.includes("after"));
    assert.deepEqual(ann.all("patch").at(-1), { seq: 6, set: {}, delete: [] });
  });

  it("[H39] a demotion that overtakes the patch of commits before it leaves nothing behind", async () => {
    const mia = await read("mia");
    await set("gm/one", 1);
    await set("gm/two", 2);
    await evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/mia`, { role: "player" });
    settle();
    await mia.until("nothing", () => mia.seq === 2 && mia.entries().size === 0);
    // Committed while mia was a GM: shown as such, so that only what was shown is taken back.
    assert.deepEqual(
      mia.all("patch").map((patch) => [Object.keys(patch.set), patch.delete]),
      [
        [["gm/one"], []],
        [["gm/two"], []],
        [[], ["gm/one", "gm/two"]],
      ],
    );
    settle();
    await set("shared/x", 1);
    settle();
    await mia.until("seq 3", () => mia.seq === 3);
    assert.deepEqual([...mia.entries().keys()], ["shared/x"]);
  });

  it("[H36] a change of membership while the stream is being opened is not missed", async () => {
    await set("gm/plan", "canary-plan");
    const find = evening.stores.campaigns.find.bind(evening.stores.campaigns);
    let demote = 1;
    evening.stores.campaigns.find = async (id) => {
      const campaign = await find(id);
      // The look after the session is open: what it says is out of date by the time that it is answered.
      if (--demote === 0) {
        const changed = await evening.stores.campaigns.putMember(campaignId, { userId: "mia", role: "player" });
        assert.ok(typeof changed === "object");
        await evening.hosting.memberChanged(changed, "mia", { userId: "gm", name: "gm", role: "gm", via: "member" });
      }
      return campaign;
    };
    const mia = await read("mia");
    assert.equal(demote, 0, "it looked again");
    assert.ok(!mia.text.includes("canary-plan"));
  });

  it("[H44] presence and participants: whole ones, when something is other than before, and who left", async () => {
    const ann = await read("ann");
    const hosted = evening.hosting.running(sessionId)!;
    await evening.join(sessionId, "sam");
    settle();
    await ann.until("sam", () => ann.all("presence").length === 1);
    const now = evening.clock.now() - 60;
    assert.deepEqual(ann.all("presence")[0], {
      userId: "sam",
      name: "sam",
      role: "spectator",
      presence: "online",
      activity: "none",
      joinedAt: now,
      lastSeenAt: now,
      reconnectUntil: 0,
    });
    hosted.presence.activity("sam", "c2", "typing");
    hosted.presence.acted("sam", "c2");
    settle();
    await ann.until("typing", () => ann.all("presence").at(-1).activity === "typing");
    // A second stream of sam's changes a GM's row, and nothing that readers see.
    await read("sam");
    settle();
    await set("shared/x", 1);
    settle();
    await ann.until("seq 1", () => ann.seq === 1);
    assert.equal(ann.all("presence").length, 2);
    await evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/sam`, { role: "player", name: "Sam" });
    settle();
    await ann.until("the role", () => ann.all("presence").at(-1).role === "player");
    assert.equal(ann.all("presence").at(-1).name, "Sam");
    await hosted.leave("sam", "c2");
    settle();
    await ann.until("sam left", () => ann.all("presence").at(-1).left);
    assert.deepEqual(ann.all("presence").at(-1), { userId: "sam", left: true });
    assert.deepEqual(Object.keys((await read("sam")).events[0]!.data.participants), ["gm"]);
  });

  it("[H44] status and title, and the end of the session", async () => {
    const ann = await read("ann");
    await evening.get("gm", "POST", `${path}/start`);
    settle();
    await evening.get("gm", "POST", `${path}/pause`, { reason: "tea" });
    settle();
    await evening.get("gm", "PATCH", path, { title: "Two", settings: { idleAfter: 7 } });
    settle();
    await evening.get("gm", "POST", `${path}/terminate`);
    settle();
    await ann.ended();
    const others = ann.events.filter(({ name }) => name !== "presence");
    assert.deepEqual(others.slice(1), [
      { name: "status", data: { status: "live" } },
      { name: "status", data: { status: "paused" } },
      { name: "title", data: { title: "Two" } },
      { name: "status", data: { status: "ended" } },
      { name: "end", data: { reason: "session_ended" } },
    ]);
    const answer = await evening.ask("ann", "GET", `${path}/stream`);
    assert.deepEqual([answer.status, answer.body.code], [409, "session_ended"]);
    assert.equal((await evening.ask("ann", "POST", `${path}/stream/tickets`)).body.code, "session_ended");
    await eventually("the audit", async () => (await evening.kinds(sessionId)).includes("stream.closed"));
  });

  for (const [reason, how] of [
    ["access_revoked", () => evening.get("gm", "DELETE", `/api/campaigns/${campaignId}/members/ann`)],
    ["removed", () => evening.get("gm", "POST", `${path}/participants/ann/remove`)],
    ["banned", () => evening.get("gm", "POST", `${path}/participants/ann/remove`, { ban: true })],
  ] as const) {
    for (const hasPlace of [true, false]) {
      it(`[H40] ends: ${reason}, ${hasPlace ? "with" : "without"} a place; the others go on`, async () => {
        if (hasPlace) await evening.join(sessionId, "ann");
        const [ann, sam] = [await read("ann"), await read("sam")];
        await how();
        await ann.ended();
        assert.deepEqual(ann.events.at(-1), { name: "end", data: { reason } });
        const { status } = await evening.ask("ann", "HEAD", `${path}/stream`);
        assert.equal(status, { access_revoked: 404, removed: 200, banned: 403 }[reason]);
        await set("shared/x", 1);
        settle();
        await sam.until("seq 1", () => sam.seq === 1);
        assert.equal(sam.over, false);
      });
    }
  }

  it("[H40] ends with the invite, whether revoking disconnects or not, and for somebody banned who was a GM for a while", async () => {
    for (const [userId, query] of [
      ["ivy", ""],
      ["ida", "?disconnect=true"],
    ] as const) {
      const invite = await evening.invite(sessionId, { maxUses: 2 });
      await evening.join(sessionId, userId, invite.token);
      const ivy = await read(userId);
      await evening.get("gm", "DELETE", `${path}/invites/${invite.id}${query}`);
      await ivy.ended();
      assert.deepEqual(ivy.events.at(-1), { name: "end", data: { reason: "access_revoked" } });
    }
    const member = `/api/campaigns/${campaignId}/members/sam`;
    await evening.get("gm", "POST", `${path}/participants/sam/remove`, { ban: true });
    await evening.get("gm", "PUT", member, { role: "gm" });
    const sam = await read("sam");
    await evening.get("gm", "PUT", member, { role: "player" });
    await sam.ended();
    assert.deepEqual(sam.all("end"), [{ reason: "banned" }]);
  });

  it("[H40] a guest reads their session; whoever joins by an invite is an invitee for the stream as well", async () => {
    const { token } = await evening.invite(sessionId);
    const guest = (await evening.ask(null, "POST", `/api/invites/${token}/guest`, { body: { name: "Guest" } })).body;
    const before = await Reading.open(evening, sessionId, { token: guest.token });
    assert.equal(before.status, 404);
    await evening.join(sessionId, guest.userId, token);
    const reading = await Reading.open(evening, sessionId, { token: guest.token });
    readings.push(reading);
    assert.equal(reading.status, 200);
    const other = await evening.session(campaignId);
    assert.equal((await Reading.open(evening, other, { token: guest.token })).status, 404);
  });

  it("[H40] ends with the token, within its second; [H43] a comment every 15 s until then, and nothing else", async () => {
    const token = await evening.tokenFor("ann", { expiresAt: evening.clock.now() + 40_000 });
    const ann = await Reading.open(evening, sessionId, { token });
    await ann.until("the snapshot", () => ann.events.length === 1);
    for (const comments of [1, 2]) {
      evening.clock.pass(14_900);
      evening.clock.pass(100);
      await ann.until("a comment", () => ann.comments === comments);
    }
    evening.clock.pass(9_900);
    assert.equal(ann.over, false);
    evening.clock.pass(100);
    await ann.ended();
    assert.deepEqual(ann.events.slice(1), [{ name: "end", data: { reason: "token_expired" } }]);
    assert.equal(ann.comments, 2);
  });

  it("[H40] a restart ends it without `end`, with what was committed shown", async () => {
    const ann = await read("ann");
    await set("shared/x", 1);
    await set("shared/x", 2);
    await evening.hosting.stop();
    await ann.ended();
    assert.equal(ann.seq, 2);
    assert.deepEqual(ann.all("end"), []);
    const kinds = await evening.kinds(sessionId);
    assert.equal(kinds.at(-1), "stream.closed");
    assert.equal((await evening.ask("ann", "GET", `${path}/stream`)).status, 503);
  });

  it("[H43] takes no place and counts as no connection; it is audited, counted, and keeps the session open", async () => {
    const lonely = await evening.session(campaignId, { maxParticipants: 1 });
    const streams = () => evening.hosting.running(lonely)?.streamsOf("sam");
    const token = await evening.tokenFor("sam");
    const first = await Reading.open(evening, lonely, { token });
    const second = await Reading.open(evening, lonely, { token });
    await second.until("a snapshot", () => second.events.length > 0);
    assert.equal(streams(), 2);
    assert.deepEqual(second.events[0]!.data.participants, {});
    assert.equal((await evening.get("gm", "GET", `/api/sessions/${lonely}`)).online, 0);
    for (let minute = 0; minute < 5; minute++) evening.clock.pass(61_000);
    assert.equal(streams(), 2);
    assert.equal(await evening.join(lonely, "ann"), undefined, "the one place is free");
    first.close();
    await eventually("one is closed", () => streams() === 1);
    second.close();
    await eventually("both are closed", () => streams() === 0);
    evening.clock.pass(1_100);
    await eventually("the audit", async () => {
      const events = await evening.stores.log.events(lonely, 0, 100);
      const theirs = events.filter(({ kind }) => kind.startsWith("stream."));
      assert.deepEqual([...new Set(theirs.map(({ actor }) => actor.userId))], ["sam"]);
      return theirs.map(({ kind }) => kind).join() === "stream.opened,stream.closed";
    });
  });

  it("[H43] closes 60 s after the last stream, where nobody else is in", async () => {
    const lonely = await evening.session(campaignId);
    const sam = await Reading.open(evening, lonely, { token: await evening.tokenFor("sam") });
    evening.clock.pass(120_000);
    assert.ok(evening.hosting.running(lonely));
    sam.close();
    await eventually("closed", () => evening.hosting.running(lonely)?.streamsOf("sam") === 0);
    await eventually("not running any more", () => {
      evening.clock.pass(20_000);
      return evening.hosting.running(lonely) === undefined;
    });
  });

  it("[H36] HEAD opens nothing; a reader who went while it was opened neither", async () => {
    const head = await evening.ask("ann", "HEAD", `${path}/stream`);
    assert.deepEqual([head.status, head.headers.get("content-type")?.startsWith("text/event-stream")], [200, true]);
    const open = evening.hosting.open.bind(evening.hosting);
    let opening: (() => void) | undefined;
    evening.hosting.open = async (id) => {
      await new Promise<void>((resolve) => {
        opening = resolve;
      });
      return await open(id);
    };
    const abort = new AbortController();
    const gone = fetch(`${evening.url}${path}/stream`, {
      headers: { authorization: `Bearer ${await evening.tokenFor("ann")}` },
      signal: abort.signal,
    }).catch(() => undefined);
    await eventually("it is being opened", () => opening !== undefined);
    evening.logLines.length = 0;
    abort.abort();
    await gone;
    await eventually("the request is over", () => evening.logLines.length > 0);
    opening?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(evening.hosting.running(sessionId)?.streamsOf("ann"), 0);
  });
});
