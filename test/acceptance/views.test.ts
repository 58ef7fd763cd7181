import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { pause, throughout } from "../support/eventually.ts";
import { ServerProcess } from "../support/server.ts";
import { keysOf } from "../support/table.ts";

describe("what each person sees", function () {
  this.timeout(20_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start();
  });

  after(async () => await server?.dispose());

  it("[R3] has entries for all, hidden for those they belong to, connections for GMs", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", sam: "spectator" } });
    const gm = await evening.gm.join(evening.sessionId, { client: "console 1.0" });
    const ana = await evening.person("ana").join(evening.sessionId, { client: "unity 1.4" });
    const sam = await evening.person("sam").join(evening.sessionId);
    for (const path of ["shared/a", "table/b", "players/ana/c", "gm/d", "private/ana/e", "private/sam/f"])
      await gm.command("set", { path, value: path });
    const { seq } = await ana.command("set", { path: "private/ana/g", value: "own" });
    for (const seat of [gm, ana, sam]) {
      await seat.caughtUp(seq);
      assert.deepEqual(keysOf(seat.state.entries), ["players/ana/c", "shared/a", "table/b"]);
      assert.deepEqual(keysOf(seat.state.participants), ["ana", "gm", "sam"]);
      assert.deepEqual(
        [seat.state.sessionId, seat.state.campaignId, seat.state.status],
        [evening.sessionId, evening.campaignId, "live"],
      );
    }
    assert.deepEqual(keysOf(gm.state.hidden), ["gm/d", "private/ana/e", "private/ana/g", "private/sam/f"]);
    assert.deepEqual(keysOf(ana.state.hidden), ["private/ana/e", "private/ana/g"]);
    assert.deepEqual(keysOf(sam.state.hidden), ["private/sam/f"]);
    assert.deepEqual(keysOf(gm.state.connections), ["ana", "gm", "sam"]);
    assert.deepEqual([keysOf(ana.state.connections), keysOf(sam.state.connections)], [[], []]);
    const row = gm.state.connections.get("ana");
    assert.deepEqual(
      [row?.connections, row?.streams, row?.reconnects, row?.droppedAt, row?.client],
      [1, 0, 0, 0, "unity 1.4"],
    );
    const entry = ana.entry("private/ana/g");
    assert.deepEqual([entry?.value, entry?.version, entry?.by], ['"own"', seq, "ana"]);
    for (const seat of [gm, ana, sam]) {
      const digest = await seat.room.request("digest", {});
      assert.deepEqual(digest, { seq, entries: seat.digest(), hidden: seat.hiddenDigest() });
      const state = await evening
        .person(seat.userId)
        .get<{ seq: number; hidden: object; entries: object }>("GET", `${evening.path}/state`);
      assert.equal(state.seq, seq);
      assert.deepEqual(Object.keys(state.hidden).sort(), keysOf(seat.state.hidden));
      assert.deepEqual(Object.keys(state.entries).sort(), keysOf(seat.state.entries));
    }
    await gm.until(
      "the digest in the state",
      ({ digest, digestSeq }) => digestSeq === seq && digest === gm.digest(),
      1_200,
    );
    await ana.room.request("latency", { rttMs: 123 });
    await gm.until("ana's latency", ({ connections }) => connections.get("ana")?.latencyMs === 123, 1_000);
    await Promise.all([gm, ana, sam].map((seat) => seat.leave()));
  });

  it("[R4] shows online, idle and online again, each within half a second", async () => {
    const evening = await Evening.prepare(server, {
      members: { ana: "player" },
      session: { settings: { idleAfter: 1 } },
    });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const presence = (of: string) => gm.state.participants.get(of)?.presence;
    await gm.until("ana online", () => presence("ana") === "online");
    await gm.until("ana idle", () => presence("ana") === "idle", 2_500);
    await ana.room.request("activity", { kind: "none" });
    await gm.until("ana online by activity", () => presence("ana") === "online", 500);
    await ana.room.request("presence", { status: "idle" });
    await gm.until("ana idle by her own word", () => presence("ana") === "idle", 500);
    await ana.command("set", { path: "shared/x", value: 1 });
    await gm.until("ana online by a command", () => presence("ana") === "online", 500);
    const session = await evening.gm.get<{ online: number }>("GET", evening.path);
    assert.equal(session.online, 2, "idle people count as online");
    await Promise.all([ana.leave(), gm.leave()]);
  });

  it("[R4] shows a person as present as the best of their connections", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    const [phone, laptop] = [
      await evening.person("ana").join(evening.sessionId),
      await evening.person("ana").join(evening.sessionId),
    ];
    await gm.until("two connections", ({ connections }) => connections.get("ana")?.connections === 2);
    await phone.room.request("presence", { status: "idle" });
    await throughout("ana is online by her laptop", 400, () => gm.state.participants.get("ana")?.presence === "online");
    await laptop.room.request("presence", { status: "idle" });
    await gm.until("ana idle on both", ({ participants }) => participants.get("ana")?.presence === "idle", 500);
    await Promise.all([phone.leave(), laptop.leave(), gm.leave()]);
  });

  it("[R5] shows an activity within half a second, and lets it fall back after activityTimeout", async () => {
    const evening = await Evening.prepare(server, {
      members: { ana: "player" },
      session: { settings: { activityTimeout: 1 } },
    });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const activity = () => gm.state.participants.get("ana")?.activity;
    for (const kind of ["typing", "rolling", "acting"]) {
      assert.deepEqual(await ana.room.request("activity", { kind }), {});
      await gm.until(kind, () => activity() === kind, 500);
    }
    await pause(500);
    assert.equal(activity(), "acting", "not before its time");
    await gm.until("none", () => activity() === "none", 1_200);
    await assert.rejects(
      ana.room.request("activity", { kind: "sleeping" }),
      (error: Error & { reason?: { code: string } }) => error.reason?.code === "bad_request",
    );
    await Promise.all([ana.leave(), gm.leave()]);
  });
});
