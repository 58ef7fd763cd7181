import assert from "node:assert/strict";
import { concurrently } from "../support/concurrently.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause, throughout } from "../support/eventually.ts";
import { Person, refusalOf } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";

describe("coming back and leaving", function () {
  this.timeout(40_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0" } });
  });

  after(async () => await server?.dispose());

  const prepare = (session: object = {}) =>
    Evening.prepare(server, { members: { ana: "player", ben: "player" }, session: { ...session } });

  async function kindsOf(evening: Evening, userId: string): Promise<string[]> {
    // an event is in /events within 2 s
    await pause(2_100);
    const events = await evening.events();
    return events
      .filter(({ actor, kind }) => actor.userId === userId && kind.startsWith("participant."))
      .map(({ kind }) => kind);
  }

  concurrently({
    "[C1] shows a socket without a sign of life as disconnected in 6 to 10 s, and keeps the place": async () => {
      const evening = await prepare();
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      await evening.person("ana").join(evening.sessionId, { through: wire.url });
      await gm.until("ana online", ({ participants }) => participants.get("ana")?.presence === "online");
      const joinedAt = gm.state.participants.get("ana")?.joinedAt;
      await pause(500);
      const silentAt = Date.now();
      wire.abandon();
      await gm.until(
        "ana disconnected",
        ({ participants }) => participants.get("ana")?.presence === "disconnected",
        11_500,
      );
      const tookMs = Date.now() - silentAt;
      // the last sign of life was up to one ping interval before the silence began
      assert.ok(tookMs > 2_500 && tookMs < 10_700, `it took ${tookMs} ms`);
      const ana = gm.state.participants.get("ana");
      assert.equal(ana?.joinedAt, joinedAt);
      assert.ok(Math.abs((ana?.reconnectUntil ?? 0) - Date.now() - 60_000) < 3_000, "a full window from the drop");
      await gm.leave();
      await wire.close();
    },

    "[C1] shows a broken connection as disconnected within a second": async () => {
      const evening = await prepare();
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url });
      wire.cut();
      await gm.until(
        "ana disconnected",
        ({ participants }) => participants.get("ana")?.presence === "disconnected",
        1_200,
      );
      assert.equal((await ana.ended()).code, 1006);
      assert.ok((gm.state.participants.get("ana")?.reconnectUntil ?? 0) > Date.now());
      const back = await evening.person("ana").join(evening.sessionId);
      await gm.until("ana online", ({ participants }) => participants.get("ana")?.presence === "online", 1_000);
      assert.equal(gm.state.participants.get("ana")?.reconnectUntil, 0);
      assert.equal(gm.state.connections.get("ana")?.reconnects, 1);
      assert.ok((gm.state.connections.get("ana")?.droppedAt ?? 0) > 0);
      await back.leave();
      await gm.leave();
      await wire.close();
    },

    "[C2] makes no left and no second place of a two-second blip; the SDK comes back by itself": async () => {
      const evening = await prepare();
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url, reconnects: true });
      const { joinedAt } = ana.state.participants.get("ana") ?? {};
      let returns = 0;
      ana.room.onReconnect(() => {
        returns += 1;
      });
      wire.shut();
      wire.cut();
      await gm.until("ana disconnected", ({ participants }) => participants.get("ana")?.presence === "disconnected");
      const { seq } = await gm.command("set", { path: "shared/meanwhile", value: "happened" });
      await throughout("ana keeps her place", 2_000, () => gm.state.participants.has("ana"));
      wire.open();
      await ana.caughtUp(seq, 8_000);
      assert.equal(ana.value("shared/meanwhile"), "happened");
      assert.equal(returns, 1);
      await gm.until("ana online", ({ participants }) => participants.get("ana")?.presence === "online");
      assert.equal(gm.state.participants.size, 2);
      assert.equal(gm.state.participants.get("ana")?.joinedAt, joinedAt);
      await ana.command("set", { path: "shared/after", value: 1 });
      assert.deepEqual(await kindsOf(evening, "ana"), [
        "participant.joined",
        "participant.dropped",
        "participant.reconnected",
      ]);
      await Promise.all([ana.leave(), gm.leave()]);
      await wire.close();
    },

    "[C3] honours a reconnection token while the old socket looks open, and closes that one with 4206": async () => {
      const evening = await prepare();
      const gm = await evening.gm.join(evening.sessionId);
      const old = await evening.person("ana").join(evening.sessionId);
      const { joinedAt } = old.state.participants.get("ana") ?? {};
      const fresh = await evening.person("ana").reconnect(old.room.reconnectionToken);
      assert.equal((await old.ended()).code, 4206);
      assert.equal(fresh.state.participants.get("ana")?.joinedAt, joinedAt);
      await fresh.command("set", { path: "shared/x", value: "from the new one" });
      await gm.until("ana's return", ({ connections }) => connections.get("ana")?.reconnects === 1);
      await throughout("ana is online", 300, () => gm.state.participants.get("ana")?.presence === "online");
      assert.equal(gm.state.connections.get("ana")?.connections, 1);
      const stale = await refusalOf(evening.person("ana").reconnect(old.room.reconnectionToken));
      assert.ok(stale.code === 522 || stale.code === 524, `an old token: ${stale.code} ${stale.message}`);
      await fresh.command("set", { path: "shared/x", value: "still" });
      await Promise.all([fresh.leave(), gm.leave()]);
    },

    "[C4] refuses a reconnection token in other hands, which costs its owner nothing": async () => {
      const evening = await prepare();
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url });
      const stolen = ana.room.reconnectionToken;
      const nobody = new Person(server, "ana", "not.a.token");
      const expired = await Person.of(server, "ana", { expiresInSeconds: -5 });
      const stranger = await Person.of(server, "stranger");
      const thieves = [evening.person("ben"), stranger, nobody, expired, evening.gm];
      const isRefused = async (thief: Person) => {
        const refusal = await refusalOf(thief.reconnect(stolen));
        assert.ok(
          refusal.code !== undefined && refusal.code >= 400 && refusal.code < 600,
          `${refusal.code} ${refusal.message}`,
        );
      };
      // while its owner is in …
      for (const thief of thieves) await isRefused(thief);
      assert.equal(ana.closing, null);
      await ana.command("set", { path: "shared/x", value: 1 });
      // … and while they are away
      wire.cut();
      await gm.until("ana disconnected", ({ participants }) => participants.get("ana")?.presence === "disconnected");
      for (const thief of thieves) await isRefused(thief);
      assert.equal(gm.state.participants.get("ana")?.presence, "disconnected");
      const back = await evening.person("ana").reconnect(stolen);
      await back.command("set", { path: "shared/x", value: 2 });
      await Promise.all([back.leave(), gm.leave()]);
      await wire.close();
    },

    "[V4] gives another device the same place; leaving with the last one ends it": async () => {
      const evening = await prepare({ maxParticipants: 2 });
      const gm = await evening.gm.join(evening.sessionId);
      const phone = await evening.person("ana").join(evening.sessionId, { client: "phone" });
      const laptop = await evening.person("ana").join(evening.sessionId, { client: "laptop" });
      await gm.until("both people", ({ participants }) => participants.size === 2);
      await gm.until("two connections", ({ connections }) => connections.get("ana")?.connections === 2);
      assert.equal(gm.state.connections.get("ana")?.client, "laptop");
      const { seq } = await phone.command("set", { path: "private/ana/x", value: "on both" });
      await laptop.caughtUp(seq);
      assert.equal(laptop.value("private/ana/x"), "on both");
      await phone.leave();
      await throughout(
        "ana is online by her laptop",
        300,
        () => gm.state.participants.get("ana")?.presence === "online",
      );
      assert.deepEqual(await evening.person("ben").refusedJoin(evening.sessionId), {
        code: 409,
        message: "session_full",
      });
      const token = laptop.room.reconnectionToken;
      await laptop.leave();
      await gm.until("ana gone", ({ participants }) => !participants.has("ana"));
      const refusal = await refusalOf(evening.person("ana").reconnect(token));
      assert.ok(refusal.code === 522 || refusal.code === 524, `${refusal.code} ${refusal.message}`);
      const ben = await evening.person("ben").join(evening.sessionId);
      assert.deepEqual(await kindsOf(evening, "ana"), ["participant.joined", "participant.left"]);
      await Promise.all([ben.leave(), gm.leave()]);
    },

    "[V4] frees a place when its window is over": async () => {
      const evening = await prepare({ settings: { reconnectWindow: 1 } });
      const wire = await TcpProxy.to(server.port);
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId, { through: wire.url });
      wire.cut();
      await gm.until("ana disconnected", ({ participants }) => participants.get("ana")?.presence === "disconnected");
      const until = gm.state.participants.get("ana")?.reconnectUntil ?? 0;
      await gm.until("ana gone", ({ participants }) => !participants.has("ana"), 3_000);
      assert.ok(Date.now() >= until - 20, "not before its time");
      const token = await refusalOf(evening.person("ana").reconnect(ana.room.reconnectionToken));
      assert.ok(token.code === 522 || token.code === 524, `${token.code} ${token.message}`);
      assert.deepEqual(await kindsOf(evening, "ana"), [
        "participant.joined",
        "participant.dropped",
        "participant.left",
      ]);
      await gm.leave();
      await wire.close();
    },

    "[C5] removes with 4201 and lets back in, bans with 4202 and does not, until unbanned": async () => {
      const evening = await prepare();
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId);
      const tablet = await evening.person("ana").join(evening.sessionId);
      const remove = (body: object) => evening.gm.ask("POST", `${evening.path}/participants/ana/remove`, body);
      assert.equal((await remove({ reason: "spoilers" })).status, 204);
      assert.deepEqual([(await ana.ended()).code, (await tablet.ended()).code], [4201, 4201]);
      await gm.until("ana gone", ({ participants }) => !participants.has("ana"));
      const gone = await refusalOf(evening.person("ana").reconnect(ana.room.reconnectionToken));
      assert.ok(gone.code === 522 || gone.code === 524, `${gone.code} ${gone.message}`);
      const again = await evening.person("ana").join(evening.sessionId);
      assert.equal((await remove({ ban: true })).status, 204);
      assert.equal((await again.ended()).code, 4202);
      assert.deepEqual(await evening.person("ana").refusedJoin(evening.sessionId), { code: 403, message: "banned" });
      const asked = await evening.person("ana").ask("GET", evening.path);
      assert.deepEqual([asked.status, asked.body.code], [403, "banned"]);
      assert.equal((await evening.gm.ask("POST", `${evening.path}/participants/gm/remove`, {})).status, 403);
      assert.equal((await evening.gm.ask("DELETE", `${evening.path}/bans/ana`)).status, 204);
      assert.equal((await evening.gm.ask("DELETE", `${evening.path}/bans/ana`)).status, 204);
      const forgiven = await evening.person("ana").join(evening.sessionId);
      await evening.gm.get("DELETE", `/api/campaigns/${evening.campaignId}/members/ana`);
      assert.equal((await forgiven.ended()).code, 4203);
      assert.deepEqual(await evening.person("ana").refusedJoin(evening.sessionId), { code: 404, message: "not_found" });
      await gm.leave();
    },

    "[C5] closes an invitee's connection with 4203 when the invite is revoked so": async () => {
      const evening = await prepare();
      const invite = await evening.invite();
      const [ivy, otto] = (await Promise.all(["ivy", "otto"].map((userId) => Person.of(server, userId)))) as [
        Person,
        Person,
      ];
      const seat = await ivy.join(evening.sessionId, { invite: invite.token });
      assert.equal(
        (await evening.gm.ask("DELETE", `${evening.path}/invites/${invite.id}?disconnect=true`)).status,
        204,
      );
      assert.equal((await seat.ended()).code, 4203);
      for (const person of [ivy, otto]) {
        assert.deepEqual(await person.refusedJoin(evening.sessionId, { invite: invite.token }), {
          code: 404,
          message: "not_found",
        });
      }
      assert.equal((await evening.gm.ask("DELETE", `${evening.path}/invites/${invite.id}`)).status, 204);
    },

    "[C5] closes everybody with 4200 at the end, and answers joins with 410": async () => {
      const evening = await prepare();
      const seats = await Promise.all(
        [evening.gm, evening.person("ana")].map((person) => person.join(evening.sessionId)),
      );
      const ended = await evening.step("terminate");
      assert.equal(ended.status, "ended");
      assert.ok(ended.endedAt !== null);
      for (const seat of seats) assert.equal((await seat.ended()).code, 4200);
      assert.deepEqual(await evening.person("ben").refusedJoin(evening.sessionId), {
        code: 410,
        message: "session_ended",
      });
      assert.deepEqual(await (await Person.of(server, "stranger")).refusedJoin(evening.sessionId), {
        code: 404,
        message: "not_found",
      });
      assert.equal((await evening.person("ana").ask("GET", `${evening.path}/state`)).status, 200, "reading stays");
    },

    "[C6] announces a token's end and closes with 4204, unless it is renewed": async () => {
      const evening = await prepare();
      const [short, long] = (await Promise.all(
        ["ana", "ben"].map((userId) => Person.of(server, userId, { expiresInSeconds: 3 })),
      )) as [Person, Person];
      const [ana, ben] = await Promise.all([short.join(evening.sessionId), long.join(evening.sessionId)]);
      const warning = (await ana.message("token_expiring")) as { expiresAt: string };
      assert.match(warning.expiresAt, /^\d{4}-\d\d-\d\dT.*Z$/);
      const other = await server.tokenFor("ana");
      await assert.rejects(
        ben.room.request("authenticate", { token: other }),
        (error: Error & { reason?: { code: string } }) => error.reason?.code === "unauthenticated",
      );
      const renewed = (await ben.room.request("authenticate", { token: await server.tokenFor("ben") })) as {
        expiresAt: string;
      };
      assert.ok(Date.parse(renewed.expiresAt) > Date.now() + 3_000_000);
      assert.equal((await ana.ended(9_000)).code, 4204);
      await pause(1_000);
      assert.equal(ben.closing, null);
      await ben.leave();
    },
  });
});

describe("coming back after a restart", function () {
  this.timeout(40_000);

  it("[C7] keeps places, joinedAt and the pause through SIGTERM and SIGKILL; 4010 before, a full window after", async () => {
    const server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0" } });
    try {
      const evening = await Evening.prepare(server, { members: { ana: "player", ben: "player" } });
      const [ana, ben] = await Promise.all(
        ["ana", "ben"].map((userId) => evening.person(userId).join(evening.sessionId)),
      );
      assert.ok(ana && ben);
      await ana.until("both", ({ participants }) => participants.size === 2);
      const joinedAt = ana.state.participants.get("ana")?.joinedAt;
      await ana.command("set", { path: "private/ana/x", value: "kept" });
      const { seq } = await ben.command("increment", { path: "shared/n", by: 7 });
      await evening.step("pause", "pizza");

      for (const end of ["stop", "kill"] as const) {
        const before = await evening.person("ana").join(evening.sessionId);
        const code = await server[end]();
        if (end === "stop") {
          assert.equal(code, 0);
          assert.equal((await before.ended()).code, 4010);
        }
        await server.start();
        const restartedAt = Date.now();
        const back = await evening.person("ana").join(evening.sessionId);
        assert.equal(back.state.participants.get("ana")?.joinedAt, joinedAt);
        assert.equal(back.state.participants.get("ana")?.role, "player");
        const waiting = back.state.participants.get("ben");
        assert.equal(waiting?.presence, "disconnected");
        assert.ok((waiting?.reconnectUntil ?? 0) >= restartedAt + 55_000, "a full window");
        assert.equal(back.state.seq, seq);
        assert.equal(back.value("private/ana/x"), "kept");
        assert.deepEqual([back.state.status, back.state.statusBy, back.state.statusReason], ["paused", "gm", "pizza"]);
        const reconnected = await evening.person("ana").reconnect(before.room.reconnectionToken);
        assert.equal(reconnected.state.participants.get("ana")?.joinedAt, joinedAt);
        assert.deepEqual((await back.refused("set", { path: "shared/x", value: 1 })).code, "session_paused");
        await eventually(
          "the digest",
          () => back.state.digestSeq === back.state.seq && back.state.digest === back.digest(),
        );
      }
    } finally {
      await server.dispose();
    }
  });
});
