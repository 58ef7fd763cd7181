import assert from "node:assert/strict";
import type { Role } from "../../src/core/session.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import type { MemberState } from "../../src/ports/campaigns.ts";
import { CAMPAIGN, codeOf, GM, LiveTable, seqOf, set, type TableOptions } from "../support/live-table.ts";

/** Somebody's membership from now on. */
function now(userId: string, role: Role): MemberState {
  return { member: { userId, name: null, role }, removal: 0 };
}

describe("a session's hours", () => {
  let table: LiveTable;
  let session: HostedSession;
  const begin = async (options: TableOptions = {}) => {
    table = await LiveTable.set(options);
    ({ session } = await table.live());
  };
  const isRunning = () => table.hosting.running(table.sessionId) !== undefined;

  describe("[V14] autoPauseWhenNoGm", () => {
    const autoPause = (seconds: number) => begin({ settings: { autoPauseWhenNoGm: seconds, reconnectWindow: 3_600 } });

    it("[V14] pauses some time after the last GM is gone, by the server itself; not while one is here", async () => {
      await autoPause(30);
      await table.sit(session, "kim");
      const [phone, laptop] = [await table.sit(session, "gm"), await table.sit(session, "gm")];
      await table.clock.advance(500_000);
      assert.equal(session.committed.status, "live");
      session.presence.disconnected("gm", phone);
      await table.clock.advance(40_000);
      session.presence.disconnected("gm", laptop);
      await table.clock.advance(29_999);
      assert.equal(session.committed.status, "live");
      await table.clock.advance(1);
      assert.deepEqual([session.committed.status, session.committed.statusBy], ["paused", ""]);
      const paused = table.events().find(({ kind }) => kind === "session.paused");
      assert.deepEqual(paused?.actor, { userId: null, via: "system" });
    });

    it("[V14] a GM who is back in time keeps it going; one who was demoted does not", async () => {
      await autoPause(30);
      const socket = await table.sit(session, "gm");
      await table.sit(session, "kim");
      session.presence.disconnected("gm", socket);
      await table.clock.advance(20_000);
      const again = await table.sit(session, "gm");
      await table.clock.advance(300_000);
      assert.equal(session.committed.status, "live");
      await table.stores.campaigns.putMember(CAMPAIGN, { userId: "kim", role: "gm" });
      await session.memberChanged("kim", now("kim", "gm"), GM);
      session.presence.disconnected("gm", again);
      await table.clock.advance(300_000);
      assert.equal(session.committed.status, "live");
      await session.memberChanged("kim", now("kim", "player"), GM);
      await table.clock.advance(30_000);
      assert.equal(session.committed.status, "paused");
    });

    it("[V14] 0 is never; a change counts at once", async () => {
      await autoPause(0);
      await table.sit(session, "kim");
      await table.clock.advance(100_000);
      await session.update({ settings: { autoPauseWhenNoGm: 3_600 } }, GM);
      await table.clock.advance(100_000);
      assert.equal(session.committed.status, "live");
      await session.update({ settings: { autoPauseWhenNoGm: 10 } }, GM);
      await table.clock.advance(10_000);
      assert.equal(session.committed.status, "paused");
    });

    it("[V24] is tried again every second where it could not be recorded", async () => {
      await autoPause(10);
      await table.sit(session, "kim");
      table.stores.goDown();
      await table.clock.advance(15_000);
      table.stores.recover();
      await table.clock.advance(1_000);
      assert.equal(session.committed.status, "paused");
      table.stores.goDown();
      await table.sit(session, "gm").catch(() => undefined);
      table.stores.recover();
      await table.sit(session, "gm");
      await table.clock.advance(1_000);
      assert.equal(session.committed.status, "live");
    });

    it("[V14] counts from the beginning of play, too", async () => {
      await autoPause(10);
      await table.clock.advance(9_999);
      assert.equal(session.committed.status, "live");
      await table.clock.advance(1);
      assert.equal(session.committed.status, "paused");
    });

    it("[V20] an opening elsewhere does not start it anew", async () => {
      await autoPause(10);
      await table.clock.advance(6_000);
      table.process = table.start("p2");
      session = await table.open();
      await table.clock.advance(3_999);
      assert.equal(session.committed.status, "live");
      await table.clock.advance(1);
      assert.equal(session.committed.status, "paused");
    });
  });

  describe("[V22] a GM is back", () => {
    const pausedByServer = async () => {
      await begin({ settings: { autoPauseWhenNoGm: 30, reconnectWindow: 3_600 } });
      await table.sit(session, "kim");
      await table.clock.advance(30_000);
      assert.deepEqual([session.committed.status, session.committed.statusBy], ["paused", ""]);
    };
    const stepsBy = (userId: string | null) =>
      table
        .events()
        .flatMap(({ kind, actor }) => (kind.startsWith("session.") && actor.userId === userId ? [kind] : []));

    it("[V22] the server resumes what it paused; and pauses again when they have gone", async () => {
      await pausedByServer();
      const socket = await table.sit(session, "gm");
      await table.clock.advance(0);
      assert.deepEqual([session.committed.status, session.committed.statusBy], ["live", ""]);
      session.presence.disconnected("gm", socket);
      await table.clock.advance(30_000);
      assert.equal(session.committed.status, "paused");
      await table.sit(session, "gm");
      await table.clock.advance(0);
      assert.equal(session.committed.status, "live");
      const once = ["session.paused", "session.resumed"];
      assert.deepEqual(stepsBy(null), [...once, ...once]);
    });

    it("[V22] also somebody who is made one; not a player, a spectator, or a GM over HTTP", async () => {
      await pausedByServer();
      await table.sit(session, "lee");
      await session.update({ title: "Still paused" }, GM);
      await table.clock.advance(5_000);
      assert.equal(session.committed.status, "paused");
      await session.memberChanged("lee", now("lee", "gm"), GM);
      await table.clock.advance(0);
      assert.equal(session.committed.status, "live");
    });

    it("[V22] not what a GM paused", async () => {
      await begin({ settings: { autoPauseWhenNoGm: 30 } });
      await session.step("pause", GM, "tea");
      await table.sit(session, "gm");
      await table.clock.advance(100_000);
      assert.deepEqual([session.committed.status, session.committed.statusBy], ["paused", "gm"]);
    });

    it("[V23] a GM's own pause meanwhile is theirs, with their reason and time: they resume it", async () => {
      await pausedByServer();
      await table.clock.advance(5_000);
      assert.equal(await session.step("pause", GM, "until tomorrow"), "done");
      const { statusBy, statusReason, statusSince } = session.committed;
      assert.deepEqual([statusBy, statusReason, statusSince], ["gm", "until tomorrow", table.clock.now()]);
      assert.deepEqual(stepsBy("gm").at(-1), "session.paused");
      const records = table.records().length;
      assert.equal(await session.step("pause", GM, "again"), "unchanged");
      assert.equal(table.records().length, records);
      await table.sit(session, "gm");
      await table.clock.advance(100_000);
      assert.equal(session.committed.status, "paused");
      assert.equal(await session.step("resume", GM, ""), "done");
      assert.equal(session.committed.pausedMs, 105_000);
    });

    it("[V23] also where it is under way when they come in", async () => {
      await pausedByServer();
      const held = table.stores.holdAppend();
      const pausing = session.step("pause", GM, "mine");
      await held.arrived;
      const coming = table.sit(session, "gm");
      await table.clock.advance(0);
      held.release();
      await pausing;
      await coming;
      await table.clock.advance(10_000);
      assert.deepEqual([session.committed.status, session.committed.statusBy], ["paused", "gm"]);
    });

    it("[V24] also where their pause was under way and then was not recorded", async () => {
      await pausedByServer();
      await table.sit(session, "lee");
      const held = table.stores.holdAppend();
      const pausing = assert.rejects(session.step("pause", GM, "mine"));
      await held.arrived;
      const changing = session.memberChanged("lee", now("lee", "gm"), GM).catch(() => undefined);
      await table.clock.advance(10);
      held.release("failed");
      await pausing;
      await changing;
      await session.memberChanged("lee", now("lee", "gm"), GM);
      await table.clock.advance(2_000);
      assert.equal(session.committed.status, "live");
    });
  });

  describe("[V15] nobody is here", () => {
    beforeEach(() => begin());

    it("[V15] closes 60 s after the last place, its status kept; and opens again", async () => {
      const socket = await table.sit(session, "kim");
      await table.clock.advance(300_000);
      await session.leave("kim", socket);
      await table.clock.advance(59_999);
      assert.ok(isRunning());
      await table.clock.advance(1);
      assert.ok(!isRunning());
      assert.deepEqual(table.process.closed, ["idle"]);
      assert.equal((await table.open()).committed.status, "live");
    });

    it("[V15] a place in its window keeps it open", async () => {
      await session.update({ settings: { reconnectWindow: 600 } }, GM);
      session.presence.disconnected("kim", await table.sit(session, "kim"));
      await table.clock.advance(600_000);
      assert.ok(isRunning());
      await table.clock.advance(60_000);
      assert.ok(!isRunning());
    });

    it("[V15] a reservation keeps it open, also one made in the last moment", async () => {
      await table.clock.advance(59_000);
      const reservation = session.reserve(await table.visitor("kim"), 0, () => false);
      assert.ok(typeof reservation !== "string");
      await table.clock.advance(9_999);
      assert.ok(isRunning());
      assert.notEqual(typeof (await session.join(reservation.id, "s1")), "string");
      await table.clock.advance(100_000);
      assert.ok(isRunning());
    });

    it("[V15] a stream keeps it open, also of somebody without a place", async () => {
      const ended = session.streamOpened({ userId: "kim", via: "member" });
      await table.clock.advance(600_000);
      assert.ok(isRunning());
      ended();
      await table.clock.advance(60_000);
      assert.ok(!isRunning());
      assert.deepEqual(table.kindsOf("kim"), ["stream.opened", "stream.closed"]);
    });

    it("[V15] a stream that ends twice ends once", async () => {
      const [one, two] = [0, 1].map(() => session.streamOpened({ userId: "kim", via: "member" }));
      one?.();
      one?.();
      assert.equal(session.streamsOf("kim"), 1);
      two?.();
      assert.equal(session.streamsOf("kim"), 0);
    });

    it("[V15] a join that failed does not keep it open", async () => {
      const reservation = session.reserve(await table.visitor("kim"), 0, () => false);
      assert.ok(typeof reservation !== "string");
      table.stores.failAppend();
      await assert.rejects(session.join(reservation.id, "s1"));
      await table.clock.advance(62_000);
      assert.ok(!isRunning());
      assert.equal(table.clock.pending, 0, "timers are left behind");
    });
  });

  describe("[V18] rates", () => {
    it("[V18] bursts of twice the rate, then the rate; per person; a refusal says when", async () => {
      await begin({ commandsPerSecond: 30 });
      await table.sit(session, "kim");
      await table.sit(session, "lee");
      const many = Array.from({ length: 61 }, (_, i) => session.desk.submit("kim", set(`k${i}`, "shared/n", i)));
      const answers = await Promise.all(many);
      assert.deepEqual(
        answers.map((one) => ("code" in one ? one.code : "ok")),
        [...Array.from({ length: 60 }, () => "ok"), "rate_limited"],
      );
      const refused = answers[60]!;
      assert.ok("code" in refused && refused.retryable && refused.retryAfterMs !== undefined);
      assert.equal(await seqOf(session.desk.submit("lee", set("l", "shared/l", 1))), 61);
      await table.clock.advance(refused.retryAfterMs);
      assert.equal(await seqOf(session.desk.submit("kim", set("k60", "shared/n", 1))), 62);
      assert.equal(await codeOf(session.desk.submit("kim", set("k61", "shared/n", 1))), "rate_limited");
    });

    it("[V18] leaving and coming back gives no new burst", async () => {
      await begin({ commandsPerSecond: 1 });
      const socket = await table.sit(session, "kim");
      for (const id of ["a", "b"]) await session.desk.submit("kim", set(id, "shared/n", 1));
      await session.leave("kim", socket);
      await table.sit(session, "kim");
      assert.equal(await codeOf(session.desk.submit("kim", set("c", "shared/n", 1))), "rate_limited");
    });
  });
});
