import assert from "node:assert/strict";
import { DecoderComplaints } from "../support/decoder-complaints.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";
import type { CallbackStyle } from "../support/state-mirror.ts";
import { StockClient } from "../support/stock-client.ts";

const STYLES: readonly CallbackStyle[] = ["Callbacks", "getStateCallbacks"];

describe("the official SDK with nothing of ours", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let complaints: DecoderComplaints;

  before(async () => {
    server = await ServerProcess.start();
    complaints = DecoderComplaints.watch();
  });

  after(async () => {
    complaints?.stop();
    await server?.dispose();
  });

  afterEach(() => assert.deepEqual(complaints.lines.splice(0), []));

  for (const style of STYLES)
    it(`[B20] holds the server's state through a plain evening, and is told all of it by ${style}`, async () => {
      const evening = await Evening.prepare(server, { members: { ana: "player", sam: "spectator" }, isLive: false });
      const enter = async (userId: string) => {
        const person = userId === "gm" ? evening.gm : evening.person(userId);
        return await StockClient.join(person, server.url, evening.sessionId, { callbacks: style });
      };
      const clients: StockClient[] = [await enter("gm")];
      const agree = async () => {
        for (const client of clients) assert.deepEqual([client.userId, await client.problems()], [client.userId, []]);
      };
      const [gm] = clients as [StockClient];
      await agree();
      await gm.command("set", { path: "gm/plan", value: { ambush: true, at: "dawn" } });
      await evening.step("start");
      clients.push(await enter("ana"), await enter("sam"));
      const [, ana] = clients as [StockClient, StockClient, StockClient];
      await agree();
      await ana.command("set", { path: "players/ana/hp", value: 12 });
      await ana.command("set", { path: "private/ana/note", value: "the innkeeper lies" });
      await ana.command("increment", { path: "players/ana/hp", by: -3 });
      await gm.command("set", { path: "shared/map", value: { grid: [1, 2, 3], name: "Weir" } });
      await gm.command("set", { path: "private/sam/hint", value: "listen" });
      await gm.command("move", { from: "gm/plan", to: "shared/plan" });
      await agree();
      await gm.command("delete", { path: "shared/plan" });
      await gm.command("delete", { path: "private/ana/note" });
      await ana.room.request("activity", { kind: "rolling" });
      await evening.step("pause", "tea");
      await agree();
      await evening.step("resume");
      await evening.setMember("sam", "player");
      await agree();
      await evening.setMember("ana", "gm");
      await gm.command("set", { path: "gm/secret", value: 1 });
      await agree();
      assert.deepEqual(ana.problemsBeside(gm), []);
      await evening.setMember("ana", "player");
      await agree();
      await clients.pop()?.leave();
      await agree();
      assert.ok(ana.mirror.said.includes("remove hidden gm/secret"));
      assert.ok(ana.mirror.said.includes("remove participants sam"));
      await Promise.all(clients.map((client) => client.leave()));
    });

  it("[B20] comes back by itself when its line was cut, to the state as it is by then", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const wire = await TcpProxy.to(server.port);
    try {
      const gm = await evening.gm.join(evening.sessionId);
      await gm.command("set", { path: "shared/kept", value: 1 });
      await gm.command("set", { path: "shared/gone", value: 1 });
      const ana = await StockClient.join(evening.person("ana"), server.url, evening.sessionId, { through: wire.url });
      await ana.upLongEnough();
      const before = ana.events.length;
      wire.cut();
      await ana.told("the drop", ({ kind }) => kind === "drop", before, 2_000);
      await gm.command("delete", { path: "shared/gone" });
      await gm.command("set", { path: "shared/new", value: 1 });
      await ana.back(before);
      assert.deepEqual(await ana.problems(), []);
      await gm.command("set", { path: "shared/after", value: 1 });
      assert.deepEqual(await ana.problems(), []);
      assert.deepEqual([ana.returns, ana.ending], [1, null]);
      await Promise.all([ana.leave(), gm.leave()]);
    } finally {
      await wire.close();
    }
  });

  it("[B20] what differs is noticed: an entry of another value, one too many, one that callbacks missed", async () => {
    const evening = await Evening.prepare(server);
    const gm = await StockClient.join(evening.gm, server.url, evening.sessionId);
    await gm.command("set", { path: "shared/a", value: 1 });
    await eventually("shared/a", () => gm.state.entries.has("shared/a"));
    const entry = gm.state.entries.get("shared/a") as { value: string };
    entry.value = "2";
    const wrong = await gm.problems(300);
    assert.match(wrong.join("\n"), /entries: "shared\/a" is .*\n.*digest of entries.*\n.*onAdd and onRemove: entries/);
    entry.value = "1";
    assert.deepEqual(await gm.problems(), []);
    (gm.state.entries as unknown as Map<string, object>).delete("shared/a");
    assert.match((await gm.problems(300)).join("\n"), /entries: "shared\/a" is missing/);
    await gm.leave();
  });
});
