import assert from "node:assert/strict";
import { history } from "../../src/core/attendance.ts";
import { RateWindow } from "../../src/core/rate-window.ts";
import { Proxies } from "../../src/http/proxies.ts";
import { limitOf } from "../../src/http/rateLimit.ts";
import { GM, LiveTable } from "../support/live-table.ts";

const HOUR_MS = 3_600_000;
const JUMPS = { forward: 5 * HOUR_MS, back: -5 * HOUR_MS };

describe("a system clock that jumps", () => {
  for (const [way, jumpMs] of Object.entries(JUMPS)) {
    const begin = async (settings = {}) => {
      const table = await LiveTable.set({ settings: { reconnectWindow: 60, idleAfter: 120, ...settings } });
      const { session } = await table.live();
      return { table, session, hasPlace: (userId: string) => session.committed.places.has(userId) };
    };

    it(`[X30] ${way} neither ends nor prolongs a window, and shows its end as a date of the new time`, async () => {
      const { table, session, hasPlace } = await begin();
      await table.sit(session, "lee");
      const { joinedAt } = session.committed.places.get("lee")!;
      const socket = await table.sit(session, "kim");
      session.presence.disconnected("kim", socket);
      table.clock.jump(jumpMs);
      await table.clock.advance(30_000);
      session.presence.acted("lee", "nobody");
      assert.ok(hasPlace("kim"));
      assert.equal(session.presence.of("kim")?.reconnectUntil, table.clock.now() + 30_000);
      await table.clock.advance(29_000);
      assert.ok(hasPlace("kim"));
      await table.clock.advance(2_000);
      assert.ok(!hasPlace("kim"));
      assert.equal(session.committed.places.get("lee")?.joinedAt, joinedAt);
    });

    it(`[X30] ${way} while the end of a window cannot be recorded: it is tried again all the same`, async () => {
      const { table, session, hasPlace } = await begin();
      const socket = await table.sit(session, "kim");
      session.presence.disconnected("kim", socket);
      await table.clock.advance(59_000);
      table.stores.goDown();
      await table.clock.advance(1_500);
      table.clock.jump(jumpMs);
      table.stores.recover();
      await table.clock.advance(10_000);
      assert.ok(!hasPlace("kim"));
    });

    it(`[X30] ${way} makes nobody idle before their time, and nobody later`, async () => {
      const { table, session } = await begin();
      await table.sit(session, "kim");
      await table.clock.advance(60_000);
      table.clock.jump(jumpMs);
      await table.clock.advance(59_000);
      assert.equal(session.presence.of("kim")?.presence, "online");
      await table.clock.advance(2_000);
      assert.equal(session.presence.of("kim")?.presence, "idle");
    });

    it(`[X30] ${way} leaves rates as they are`, async () => {
      const { table } = await begin();
      const window = new RateWindow(2, 10_000);
      const proxies = new Proxies(false);
      const asked = { socket: { remoteAddress: "::1" }, headers: {}, rawHeaders: [], httpVersion: "1.1" } as never;
      const ask = () => limitOf(window, asked, { clock: table.clock, proxies });
      assert.deepEqual([ask(), ask()], [undefined, undefined]);
      table.clock.jump(jumpMs);
      assert.notEqual(ask(), undefined);
      await table.clock.advance(10_000);
      assert.equal(ask(), undefined);
    });

    it(`[X30] ${way}, under way and between two lives, keeps order, places and chain, and no time is negative`, async () => {
      const { table, session } = await begin();
      await table.sit(session, "kim");
      await table.clock.advance(10_000);
      table.clock.jump(jumpMs);
      await session.step("pause", GM, "");
      await session.step("resume", GM, "");
      await table.clock.advance(10_000);
      table.clock.jump(jumpMs);
      const next = table.start("p2");
      const again = await next.hosting.open(table.sessionId);
      assert.ok(again.committed.places.has("kim"));
      const told = history(again.committed, table.clock.now());
      for (const figure of [told.liveSeconds, told.pausedSeconds]) assert.ok(figure >= 0, `${figure}`);
      for (const { onlineSeconds } of told.participants) assert.ok(onlineSeconds >= 0, `${onlineSeconds}`);
      await table.clock.advance(61_000);
      assert.ok(!again.committed.places.has("kim"), "a full window, and no more");
    });

    it(`[X30] ${way} counts for what ends at a date: an invite`, async () => {
      const { table, session } = await begin();
      const expiresAt = table.clock.now() + HOUR_MS;
      const made = await session.createInvite({ role: "player", maxUses: 9, expiresAt, label: null }, GM);
      assert.ok(typeof made === "object");
      table.clock.jump(jumpMs);
      const visitor = { userId: "ann", name: null, member: undefined, inviteHash: made.invite.tokenHash };
      const reserved = session.reserve(visitor as never, 0, () => false);
      if (way === "forward") assert.equal(reserved, "not_found");
      else assert.ok(typeof reserved === "object");
    });
  }
});
