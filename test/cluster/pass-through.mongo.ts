import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Fleet } from "../support/fleet.ts";
import { call } from "../support/http.ts";
import { memoryOf } from "../support/memory-of.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { TcpProxy } from "../support/proxy.ts";
import { RawSocket } from "../support/raw-socket.ts";
import type { Seat } from "../support/seat.ts";
import type { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";
import { assertWhole } from "../support/whole.ts";

const KIB = 1024;

describe("WebSockets by way of a process that is not the host", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  let host: ServerProcess;
  let edge: ServerProcess;
  // Before the database goes.
  after(() => fleet?.dispose());
  const mongo = ownMongo();
  before(async () => {
    const env = { RATE_COMMANDS: "0", RATE_WORK: "0", RATE_JOINS_PER_USER: "0" };
    fleet = await Fleet.start(mongo(), { count: 2, env });
    [host, edge] = fleet.servers as [ServerProcess, ServerProcess];
  });

  /** A session that the host has, with its GM there and somebody who comes by way of the other process. */
  async function table() {
    const evening = await Evening.prepare(host, { members: { ana: "player", ben: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    return { evening, gm, ana: evening.person("ana") };
  }
  const figure = async (server: ServerProcess, name: string) => {
    const { text } = await call(server.url, "GET", "/metrics");
    return Number(new RegExp(`^campaign_live_${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  };
  /** By the GM: so many entries of 14 KiB. */
  const fill = async (gm: Seat, entries: number): Promise<void> => {
    for (let i = 0; i < entries; i += 15) {
      const text = `${i} ${"x".repeat(14 * KIB)}`;
      const ops = Array.from({ length: 15 }, (_, j) => ({
        action: "set",
        payload: { path: `shared/${j}`, value: text },
      }));
      await gm.command("batch", { ops });
    }
  };

  it("[MP45] who reads nothing for 5 s while much changes ends with exactly what they should", async () => {
    const { evening, gm, ana } = await table();
    const wire = await TcpProxy.to(edge.port);
    const seat = await ana.join(evening.sessionId, { through: wire.url });
    wire.stall();
    for (let i = 0; i < 200; i++)
      await gm.command("set", { path: `shared/${i % 20}`, value: `${i} ${"x".repeat(2 * KIB)}` });
    const { seq } = await gm.command("delete", { path: "shared/3" });
    await pause(5_000);
    wire.resume();
    await seat.caughtUp(seq, 8_000);
    assert.equal(seat.closing, null);
    await assertWhole(seat);
    await wire.close();
    await seat.leave();
  });

  it("[MP45] a held reader is closed for it as one at the host is, and fills the memory of neither process", async () => {
    const { evening, gm, ana } = await table();
    const direct = await RawSocket.join(host, evening.person("ben"), evening.sessionId);
    const passed = await RawSocket.join(edge, ana, evening.sessionId);
    assert.equal(await figure(edge, "passed_websockets"), 1);
    const before = [host, edge].map(({ pid }) => memoryOf(pid)?.now ?? 0);
    const tooSlow = await figure(host, 'connections_closed_total{reason="too_slow"}');
    direct.stopReading();
    passed.stopReading();
    await fill(gm, 1_800);
    await eventually(
      "the host has closed both",
      async () => (await figure(host, 'connections_closed_total{reason="too_slow"}')) === tooSlow + 2,
      20_000,
    );
    const grown = [host, edge].map(({ pid }, i) => (memoryOf(pid)?.most ?? 0) - before[i]!);
    console.log(`      memory grew by at most ${grown.join(" and ")} MiB`);
    assert.ok(grown[1]! < 64, `${grown[1]} MiB at the process in between`);
    for (const socket of [direct, passed]) socket.readOn();
    await eventually("both know it", () => direct.closeCode !== null && passed.closeCode !== null, 10_000);
    assert.deepEqual([passed.closeCode, passed.closeReason], [direct.closeCode, direct.closeReason]);
    await eventually("nothing is passed on", async () => (await figure(edge, "passed_websockets")) === 0);
  });

  it("[MP42] when the process in between stands still, people are shown as disconnected in 6 to 10 s", async () => {
    const { evening, gm, ana } = await table();
    const seat = await ana.join(evening.sessionId, { through: edge.url });
    await gm.until("ana online", ({ participants }) => participants.get("ana")?.presence === "online");
    process.kill(edge.pid, "SIGSTOP");
    const since = Date.now();
    try {
      await gm.until("ana gone", ({ participants }) => participants.get("ana")?.presence === "disconnected", 12_000);
    } finally {
      process.kill(edge.pid, "SIGCONT");
    }
    const afterMs = Date.now() - since;
    assert.ok(afterMs > 3_900 && afterMs < 11_000, `${afterMs} ms, a heartbeat perhaps before the standstill`);
    assert.deepEqual(await seat.ended(5_000), { code: 4010, reason: "host_moved" });
  });

  it("[MP43] when the process in between stops, its clients are told, and come back by way of another", async () => {
    const { evening, gm, ana } = await table();
    const seat = await ana.join(evening.sessionId, { through: edge.url });
    const { joinedAt } = gm.state.participants.get("ana")!;
    assert.equal(await edge.stop(), 0);
    assert.deepEqual(await seat.ended(), { code: 4010, reason: "server_restarting" });
    const back = await ana.reconnect(seat.room.reconnectionToken, { through: host.url });
    assert.equal(gm.state.participants.get("ana")!.joinedAt, joinedAt);
    await back.leave();
    await edge.start();
  });

  it("[MP43] a stock SDK comes back by itself when its host falls silent", async () => {
    const { evening, gm, ana } = await table();
    const client = await StockClient.join(ana, edge.url, evening.sessionId);
    const { seq } = await gm.command("set", { path: "shared/door", value: "open" });
    await client.upLongEnough();
    process.kill(host.pid, "SIGSTOP");
    try {
      await eventually("back at the next host", () => client.returns === 1, 12_000);
    } finally {
      process.kill(host.pid, "SIGCONT");
    }
    const [drop] = client.events.filter(({ kind }) => kind === "drop");
    assert.deepEqual([drop?.code, drop?.reason], [4010, "host_moved"]);
    assert.ok(client.state.seq >= seq);
    assert.deepEqual(await client.problems(), []);
    await client.leave();
  });
});

describe("seats that name their host's own address", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  after(() => fleet?.dispose());
  const mongo = ownMongo();

  it("[MP44] with PUBLIC_ADDRESS no new WebSocket is passed on, whichever process is asked", async () => {
    const ownEnv = (port: number) => ({ PUBLIC_ADDRESS: `127.0.0.1:${port}` });
    fleet = await Fleet.start(mongo(), { count: 2, ownEnv });
    const [host, edge] = fleet.servers as [ServerProcess, ServerProcess];
    const evening = await Evening.prepare(host, { members: { ana: "player" } });
    const asked = { token: evening.person("ana").token, body: { sessionId: evening.sessionId } };
    const reserved = await call(edge.url, "POST", "/matchmake/joinOrCreate/session", asked);
    assert.equal(reserved.body.publicAddress, `127.0.0.1:${host.port}`);
    const seat = await evening.person("ana").join(evening.sessionId, { through: edge.url });
    const { text } = await call(edge.url, "GET", "/metrics");
    assert.match(text, /^campaign_live_passed_websockets 0$/m);
    assert.match(text, /^campaign_live_forwarded_requests_total\{outcome="answered"\} [1-9]/m);
    await seat.leave();
  });
});
