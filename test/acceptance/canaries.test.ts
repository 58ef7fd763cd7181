import assert from "node:assert/strict";
import { Canaries } from "../support/canaries.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { frameHolds } from "../support/frames.ts";
import { call } from "../support/http.ts";
import { Person } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import { Random } from "../support/random.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { keysOf } from "../support/table.ts";

const EVERYBODY = ["gm", "mia", "ana", "ben", "sam"] as const;

describe("canaries in what is hidden", function () {
  this.timeout(40_000);
  const random = Random.fromEnvironment();
  const canaries = new Canaries(random);
  /** every seat that anybody ever had: all their frames are searched again after every step */
  const seats: Seat[] = [];
  let server: ServerProcess;
  let proxy: TcpProxy;
  let evening: Evening;
  let gm: Seat;

  before(async () => {
    server = await ServerProcess.start({ env: { LOG_LEVEL: "trace", RATE_JOINS_PER_USER: "0" } });
    proxy = await TcpProxy.to(server.port);
    evening = await Evening.prepare(server, {
      members: { mia: "gm", ana: "player", ben: "player", sam: "spectator" },
      isLive: false,
    });
  });

  after(async () => {
    await proxy?.close();
    await server?.dispose();
  });

  async function sit(userId: string, through?: string): Promise<Seat> {
    const seat = await evening
      .person(userId)
      .join(evening.sessionId, { ...(through === undefined ? {} : { through }), reconnects: true });
    seats.push(seat);
    return seat;
  }

  function newest(userId: string): Seat {
    const seat = seats.findLast((one) => one.userId === userId);
    assert.ok(seat, `${userId} has a seat`);
    return seat;
  }

  /** Everybody has everything that is for them; nobody has anything else: in any frame, and over HTTP. */
  async function nothingLeaks(): Promise<void> {
    const { seq } = await gm.command("set", { path: "shared/round", value: random.text(6) });
    const open = seats.filter(({ closing }) => closing === null);
    await Promise.all(open.map((seat) => seat.caughtUp(seq, 4_000)));
    assert.deepEqual(
      seats.flatMap((seat) => canaries.leaksTo(seat)),
      [],
    );
    const told = await Promise.all(
      EVERYBODY.map(async (userId) =>
        canaries.leaksIn((await evening.person(userId).ask("GET", `${evening.path}/state`)).text, userId),
      ),
    );
    assert.deepEqual(told.flat(), []);
  }

  /** Puts a canary into a key and another into the value below it. @returns both */
  async function hide(below: string, readers: readonly string[]): Promise<{ key: string; value: string }> {
    const key = canaries.release(`${below}/…, a key`, readers);
    const value = canaries.release(`${below}/…, a value`, readers);
    await gm.command("set", { path: `${below}/${key}`, value: { note: value } });
    return { key, value };
  }

  function seesInFrames(seat: Seat, text: string): boolean {
    return seat.frames.some((frame) => frameHolds(frame, text));
  }

  it("[R1] shows each of them to those who may, at the first join", async () => {
    console.log(`      seed ${random.seed}`);
    gm = await evening.gm.join(evening.sessionId);
    seats.push(gm);
    const prepared = await hide("gm/trap", ["gm", "mia"]);
    const anas = await hide("private/ana/bag", ["gm", "mia", "ana"]);
    const bens = await hide("private/ben/bag", ["gm", "mia", "ben"]);
    const sams = await hide("private/sam/bag", ["gm", "mia", "sam"]);
    await hide("private/nobody-yet/bag", ["gm", "mia"]);
    for (const userId of ["mia", "ana", "ben", "sam"]) await sit(userId);
    await evening.step("start");
    await nothingLeaks();
    // the search itself works: those who may know do receive them
    assert.ok(seesInFrames(newest("mia"), prepared.key) && seesInFrames(newest("mia"), prepared.value));
    for (const [userId, { key, value }] of [
      ["ana", anas],
      ["ben", bens],
      ["sam", sams],
    ] as const) {
      assert.ok(seesInFrames(newest(userId), key), `${userId} sees their own key`);
      assert.ok(seesInFrames(newest(userId), value), `${userId} sees their own value`);
      assert.deepEqual(keysOf(newest(userId).state.hidden), [`private/${userId}/bag/${key}/note`]);
    }
  });

  it("[R1] keeps them through every action, a refusal and a conflict", async () => {
    const forGms = ["gm", "mia"];
    const trap = await hide("gm/more", forGms);
    const path = `gm/more/${trap.key}`;
    await gm.command("merge", { path, value: { extra: canaries.release("gm/more, merged", forGms), note: null } });
    await gm.command("append", { path: `${path}/list`, values: [canaries.release("gm/more, appended", forGms)] });
    await gm.command("increment", { path: `${path}/${canaries.release("gm/more, counted", forGms)}`, by: 3 });
    await gm.command("batch", {
      ops: [
        { action: "set", payload: { path: "shared/seen", value: "by all" } },
        { action: "set", payload: { path: `gm/batch/${canaries.release("gm/batch, a key", forGms)}`, value: 1 } },
      ],
    });
    const ana = newest("ana");
    // what ana names in a command she knows already, and a refusal may name it too: the key here is no canary
    await gm.command("set", { path: "gm/named/note", value: canaries.release("gm/named", forGms) });
    for (const [hidden, code] of [
      ["gm/named/note", "forbidden"],
      ["private/ben/bag", "forbidden"],
      ["gm/nothing/here", "forbidden"],
    ] as const) {
      assert.equal((await ana.refused("set", { path: "shared/x", value: 1 }, { expect: { [hidden]: 7 } })).code, code);
      assert.equal((await ana.refused("set", { path: hidden, value: 1 })).code, code);
      assert.equal((await ana.refused("move", { from: hidden, to: "shared/stolen" })).code, code);
      assert.equal((await ana.refused("delete", { path: hidden })).code, code);
    }
    assert.equal((await ana.refused("set", { path: "gm/named/note/below", value: 1 })).code, "forbidden");
    await gm.command("delete", { path: `${path}/list` });
    await nothingLeaks();
  });

  it("[R1] reveals by a move what is moved, and nothing beside it", async () => {
    const { key, value } = await hide("gm/door", ["gm", "mia"]);
    await hide("gm/door-behind", ["gm", "mia"]);
    for (const userId of EVERYBODY) canaries.allow(value, userId);
    await gm.command("move", { from: `gm/door/${key}`, to: "shared/door" });
    for (const userId of ["ana", "ben", "sam"]) {
      const seat = newest(userId);
      await seat.until("the revealed entry", () => (seat.value("shared/door/note") as string) === value);
    }
    await nothingLeaks();
    await gm.command("move", { from: "shared/door", to: "gm/closed-door" });
    await newest("ana").until("the entry gone", ({ entries }) => !entries.has("shared/door/note"));
    await gm.command("set", {
      path: "gm/closed-door/note",
      value: canaries.release("gm/closed-door, hidden again", ["gm", "mia"]),
    });
    await nothingLeaks();
  });

  it("[R1] keeps them through cut wires, reconnections, other devices and leaving", async () => {
    const ana = await sit("ana", proxy.url);
    proxy.cut();
    await hide("gm/while-away", ["gm", "mia"]);
    const mine = await hide("private/ana/while-away", ["gm", "mia", "ana"]);
    await ana.until(
      "what came meanwhile",
      () => ana.value(`private/ana/while-away/${mine.key}/note`) === mine.value,
      6_000,
    );
    const back = await evening.person("ana").reconnect(ana.room.reconnectionToken);
    seats.push(back, await sit("ben"), await sit("sam"), await sit("sam", proxy.url));
    await nothingLeaks();
    await newest("sam").leave();
    await sit("sam");
    await hide("gm/after-leaving", ["gm", "mia"]);
    await nothingLeaks();
  });

  it("[R2] gives a promoted person what GMs see, and a demoted one nothing new", async () => {
    const before = await hide("gm/before", ["gm", "mia"]);
    const ben = newest("ben");
    canaries.allowAll("gm/", "ben");
    canaries.allowAll("private/", "ben");
    await evening.setMember("ben", "gm");
    await ben.until("what GMs see", () => ben.value(`gm/before/${before.key}/note`) === before.value);
    assert.equal(ben.state.participants.get("ben")?.role, "gm");
    await ben.until("the connections", ({ connections }) => (connections?.size ?? 0) >= 4);
    const during = await hide("gm/during", ["gm", "mia", "ben"]);
    await ben.until("what is written now", () => ben.value(`gm/during/${during.key}/note`) === during.value);

    await evening.setMember("ben", "player");
    await ben.until("the role", ({ participants }) => participants.get("ben")?.role === "player");
    const hiddenNow = keysOf(ben.state.hidden);
    assert.deepEqual(
      hiddenNow.filter((path) => !path.startsWith("private/ben/")),
      [],
    );
    assert.ok(hiddenNow.length > 0, "ben's own private entries stay");
    await ben.until("no connections", ({ connections }) => (connections?.size ?? 0) === 0);
    assert.equal((await ben.refused("set", { path: "gm/x", value: 1 })).code, "forbidden");

    await hide("gm/after", ["gm", "mia"]);
    await gm.command("set", {
      path: `gm/during/${during.key}/note`,
      value: canaries.release("gm/during, changed", ["gm", "mia"]),
    });
    await hide("private/ana/after", ["gm", "mia", "ana"]);
    await hide("private/ben/after", ["gm", "mia", "ben"]);
    await nothingLeaks();
  });

  it("[R2] demotes a GM to spectator, and back in from another device they see no more", async () => {
    const mia = newest("mia");
    await evening.setMember("mia", "spectator");
    await mia.until("the role", ({ participants }) => participants.get("mia")?.role === "spectator");
    assert.deepEqual(keysOf(mia.state.hidden), []);
    await hide("gm/without-mia", ["gm"]);
    await sit("mia");
    await gm.command("set", { path: "gm/list", value: [canaries.release("gm/list", ["gm"])] });
    await hide("private/ana/without-mia", ["gm", "ana"]);
    await nothingLeaks();
    assert.equal(keysOf(newest("mia").state.hidden).length, 0);
    // to the newcomer not even what was theirs before
    assert.ok(
      !newest("mia").frames.some((frame) => frameHolds(frame, "trap")),
      "a namespace path reached a spectator's new device",
    );
  });

  it("[R1] keeps them from an invitee, and from somebody banned", async () => {
    const invite = await evening.invite({ role: "spectator" });
    const ivy = await Person.of(server, "ivy");
    const seat = await ivy.join(evening.sessionId, { invite: invite.token });
    seats.push(seat);
    await hide("gm/with-ivy", ["gm"]);
    await nothingLeaks();
    assert.deepEqual(canaries.leaksIn((await ivy.ask("GET", `${evening.path}/state`)).text, "ivy"), []);
    await evening.gm.get("POST", `${evening.path}/participants/ivy/remove`, { ban: true });
    assert.equal((await seat.ended()).code, 4202);
    await hide("gm/after-ivy", ["gm"]);
    await nothingLeaks();
    assert.equal((await ivy.ask("GET", `${evening.path}/state`)).status, 403);
  });

  it("[R1] keeps them from a reader of the stream, who gets what is theirs", async () => {
    const mine = await hide("private/ana/streamed", ["gm", "ana"]);
    const abort = new AbortController();
    const stream = await fetch(`${server.url}${evening.path}/stream`, {
      headers: { authorization: `Bearer ${evening.person("ana").token}`, accept: "text/event-stream" },
      signal: abort.signal,
    });
    assert.equal(stream.status, 200);
    let streamed = "";
    const reading = (async () => {
      for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) streamed += chunk;
    })().catch(() => undefined);
    await hide("gm/while-streaming", ["gm"]);
    const marker = random.text(12);
    await gm.command("set", { path: "shared/marker", value: marker });
    await eventually("the stream to catch up", () => streamed.includes(marker));
    assert.deepEqual(canaries.leaksIn(streamed, "ana"), []);
    assert.ok(streamed.includes(mine.value));
    abort.abort();
    await reading;
  });

  it("[X9] has none of them, and no token, in the log, the metrics, the audit trail or the list of commands", async () => {
    const metrics = await call(server.url, "GET", "/metrics");
    const pages = await Promise.all(
      ["events?limit=200", "commands?limit=200", "history", ""].map(
        async (page) => (await evening.gm.ask("GET", `${evening.path}/${page}`.replace(/\/$/, ""))).text,
      ),
    );
    for (const text of [server.log, metrics.text, ...pages])
      assert.deepEqual(canaries.leaksIn(text, "an outsider"), []);
    assert.ok(server.log.length > 0, "there is a log to search");
    for (const userId of EVERYBODY)
      assert.ok(!server.log.includes(evening.person(userId).token.split(".")[2] ?? ""), `${userId}'s token`);
    for (const seat of seats)
      assert.ok(!server.log.includes(seat.room.reconnectionToken.split(":")[1] ?? ""), "a reconnection token");
  });
});
