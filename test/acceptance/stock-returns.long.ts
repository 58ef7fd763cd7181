import assert from "node:assert/strict";
import { concurrently } from "../support/concurrently.ts";
import { DecoderComplaints } from "../support/decoder-complaints.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

const UNLIMITED = { RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" };

describe("a stock client whose line was cut", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  let complaints: DecoderComplaints;
  let started = 0;

  before(async () => {
    server = await ServerProcess.start({ env: UNLIMITED });
    complaints = DecoderComplaints.watch();
    started = Date.now();
  });

  after(async () => {
    complaints?.stop();
    await server?.dispose();
  });

  /** A GM who stays, and somebody whose line can be cut; both have been in for long enough. */
  async function table(role: "gm" | "player", { expiresInSeconds = 3_600, renews = false } = {}) {
    const evening = await Evening.prepare(server, { members: { ben: "player" } });
    const wire = await TcpProxy.to(server.port);
    const person = await evening.setMember("ana", role, { expiresInSeconds });
    const gm = await StockClient.join(evening.gm, server.url, evening.sessionId);
    const ana = await StockClient.join(person, server.url, evening.sessionId, { through: wire.url });
    if (renews) await ana.room.request("authenticate", { token: await server.tokenFor("ana") });
    await gm.command("set", { path: "gm/plot", value: { who: "butler", how: "candlestick" } });
    await gm.command("set", { path: "private/ana/hint", value: "listen" });
    await gm.command("set", { path: "shared/map", value: { a: 1, b: 2, c: 3 } });
    await ana.upLongEnough();
    const away = async () => {
      const since = ana.events.length;
      wire.shut();
      wire.cut();
      await eventually("ana is gone", () => gm.state.participants.get("ana")?.presence === "disconnected", 3_000);
      return since;
    };
    const close = async () => {
      await Promise.all([gm.leave(), ana.leave()]);
      await wire.close();
    };
    return { evening, wire, gm, ana, away, close };
  }

  /** Waits until the SDK gave up. */
  async function ending(client: StockClient): Promise<{ code: number | undefined; reason: string | undefined }> {
    const { code, reason } = await eventually("the SDK gives up", () => client.ending ?? undefined, 10_000);
    return { code, reason };
  }

  concurrently({
    "[C20] is back in its seat, and its copy has what happened meanwhile and nothing else": async () => {
      const { gm, ana, away, wire, close, evening } = await table("player");
      const since = await away();
      await gm.command("delete", { path: "shared/map/b" });
      await gm.command("delete", { path: "private/ana/hint" });
      await gm.command("move", { from: "gm/plot/who", to: "shared/who" });
      await gm.command("set", { path: "shared/map/d", value: 4 });
      const ben = await StockClient.join(evening.person("ben"), server.url, evening.sessionId);
      wire.open();
      await ana.back(since);
      assert.deepEqual(await ana.problems(), []);
      await ben.leave();
      await gm.command("increment", { path: "shared/map/a", by: 1 });
      await ana.command("set", { path: "private/ana/hint", value: "look" });
      for (const client of [ana, gm]) assert.deepEqual(await client.problems(), []);
      assert.equal(gm.state.connections.get("ana")?.reconnects, 1);
      await close();
    },

    "[R20] a GM who was demoted while away keeps no secret in the SDK's copy": async () => {
      const { evening, ana, away, wire, close } = await table("gm");
      assert.equal(ana.state.hidden.size, 3);
      const since = await away();
      await evening.setMember("ana", "player");
      await evening.gm.ask("GET", evening.path);
      wire.open();
      await ana.back(since);
      assert.deepEqual([...ana.state.hidden.keys()], ["private/ana/hint"]);
      assert.equal(ana.state.connections?.size ?? 0, 0);
      assert.deepEqual(await ana.problems(), []);
      await close();
    },

    "[R20] a map that became empty for its viewer is empty in the copy, and is filled again": async () => {
      const { gm, ana, away, wire, close } = await table("player");
      const since = await away();
      await gm.command("delete", { path: "private/ana/hint" });
      wire.open();
      await ana.back(since);
      assert.equal(ana.state.hidden?.size ?? 0, 0);
      assert.deepEqual(await ana.problems(), []);
      await gm.command("set", { path: "private/ana/other", value: 1 });
      assert.deepEqual(await ana.problems(), []);
      await close();
    },

    "[C21] is told 4201 where its place was taken away, 4202 where it was banned": async () => {
      const [removed, banned] = await Promise.all([table("player"), table("player")]);
      for (const { evening, away } of [removed, banned]) {
        await away();
        const ban = evening === banned.evening;
        await evening.gm.get("POST", `${evening.path}/participants/ana/remove`, { ban });
      }
      for (const { wire } of [removed, banned]) wire.open();
      assert.deepEqual(await ending(removed.ana), { code: 4201, reason: "removed" });
      assert.deepEqual(await ending(banned.ana), { code: 4202, reason: "banned" });
      await Promise.all([removed.close(), banned.close()]);
    },

    "[C21] is told 4203 where the person was taken out of the campaign, 4200 where the session has ended": async () => {
      const [revoked, ended] = await Promise.all([table("player"), table("player")]);
      for (const { away } of [revoked, ended]) await away();
      await revoked.evening.gm.get("DELETE", `/api/campaigns/${revoked.evening.campaignId}/members/ana`);
      await ended.evening.step("terminate");
      for (const { wire } of [revoked, ended]) wire.open();
      assert.deepEqual(await ending(revoked.ana), { code: 4203, reason: "access_revoked" });
      assert.deepEqual(await ending(ended.ana), { code: 4200, reason: "session_ended" });
      await Promise.all([revoked.close(), ended.close()]);
    },

    "[C21] is told 4204 where the token in its address has ended": async () => {
      const { ana, away, wire, close } = await table("player", { expiresInSeconds: 12 });
      await away();
      await eventually("the token has ended", () => Date.now() > started + 13_500, 16_000);
      wire.open();
      assert.deepEqual(await ending(ana), { code: 4204, reason: "token_expired" });
      await close();
    },

    "[C22] returns by the token of its address where that was renewed over the connection": async () => {
      const { ana, away, wire, close } = await table("player", { expiresInSeconds: 8, renews: true });
      const since = await away();
      await eventually("the first token has ended", () => Date.now() > started + 10_000, 12_000);
      wire.open();
      await ana.back(since);
      assert.equal((await ana.command("set", { path: "shared/still", value: "here" })).seq > 0, true);
      await close();
    },
  });

  it("[R21] the SDK's decoder complained of nothing in all of that", () => {
    assert.deepEqual(complaints.lines, []);
  });
});

describe("stock clients after a server's death", function () {
  this.timeout(90_000);
  let server: ServerProcess;
  let complaints: DecoderComplaints;

  beforeEach(async () => {
    server = await ServerProcess.start({ env: UNLIMITED });
    complaints = DecoderComplaints.watch();
  });

  afterEach(async () => {
    complaints?.stop();
    await server?.dispose();
  });

  it("[C23] are back by themselves after SIGKILL, two kills in a row and SIGTERM, each with a right copy", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", sam: "spectator", ben: "player" } });
    const join = (userId: string) => {
      const person = userId === "gm" ? evening.gm : evening.person(userId);
      return StockClient.join(person, server.url, evening.sessionId, {
        callbacks: userId === "ana" ? "getStateCallbacks" : "Callbacks",
      });
    };
    const gm = await join("gm");
    const ana = await join("ana");
    const sam = await join("sam");
    const clients = [gm, ana, sam];
    const agree = async (when: string) => {
      for (const client of clients) {
        assert.deepEqual([when, client.userId, await client.problems()], [when, client.userId, []]);
      }
    };
    const allBack = async (away: () => Promise<void>) => {
      const since = clients.map(({ events }) => events.length);
      await away();
      const readyAt = performance.now();
      const times = await Promise.all(clients.map((client, i) => client.back(since[i]!)));
      return Math.max(...times) - readyAt;
    };
    const change = async () => {
      await gm.command("delete", { path: "gm/plot" });
      await gm.command("set", { path: "gm/plot", value: { a: "CANARY", b: Math.random() } });
      await gm.command("set", { path: `shared/x${Math.random()}`, value: 1 });
      await ana.command("set", { path: "private/ana/diary", value: String(Math.random()) });
      await gm.command("set", { path: "private/sam/note", value: 1 });
    };
    await change();
    await sam.upLongEnough();
    const joinedAt = clients.map(({ state, userId }) => state.participants.get(userId)?.joinedAt);

    await allBack(async () => {
      await server.kill();
      await server.start();
    });
    await agree("after SIGKILL");
    await change();
    await agree("after SIGKILL and changes");

    await allBack(async () => {
      await server.kill();
      await server.start();
      // somebody else opens the session, changes it, and the server dies again before the others are back, or just then
      const ben = await join("ben");
      await ben.command("set", { path: "shared/ben", value: { was: "here" } });
      await evening.gm.ask("POST", `${evening.path}/pause`, { reason: "tea" });
      await server.kill();
      await server.start();
      await evening.gm.ask("POST", `${evening.path}/resume`);
    });
    await agree("after two kills");
    await change();

    await allBack(async () => {
      assert.equal(await server.stop(), 0);
      await server.start();
    });
    await agree("after SIGTERM");
    await change();
    await agree("after all of it");
    assert.deepEqual(
      clients.map(({ state, userId }) => state.participants.get(userId)?.joinedAt),
      joinedAt,
    );
    assert.deepEqual(complaints.lines, []);
    for (const { userId, frames } of [ana, sam]) {
      const leak = frames.some(({ bytes }) => /CANARY|gm\/plot/.test(Buffer.from(bytes).toString("latin1")));
      assert.equal(leak, false, `${userId} was sent what is the GM's`);
    }
    await Promise.all(clients.map((client) => client.leave()));
  });
});
