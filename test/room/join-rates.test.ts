import assert from "node:assert/strict";
import { Door, JoinRefused } from "../../src/room/door.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { LiveTable } from "../support/live-table.ts";

describe("how often somebody may join", () => {
  let table: LiveTable;
  let clock: HandClock;
  let door: Door;
  beforeEach(async () => {
    table = await LiveTable.set({ settings: { connectionsPerParticipant: 8 } });
    clock = table.clock;
    door = new Door({
      identity: {
        verify: async (token) => ({ userId: token ?? "", name: null, roles: [], expiresAt: clock.now() + 1_000 }),
        holderOf: () => Promise.reject(new Error("not asked for")),
        sign: () => Promise.reject(new Error("not asked for")),
      },
      hosting: table.hosting,
      stores: table.stores,
      clock,
      rates: { joinsPerUserPer10Seconds: 4, joinsPerAddressPer10Seconds: 6 },
      socketsOf: () => ({ open: 0, closeSilent: () => true }),
    });
  });

  async function join(userId: string, address: string): Promise<string> {
    try {
      await door.admit(userId, { sessionId: table.sessionId }, address);
      return "admitted";
    } catch (error) {
      assert.ok(error instanceof JoinRefused);
      return error.reason;
    }
  }
  const joins = async (times: number, userId: string, address: string): Promise<string[]> => {
    const all: string[] = [];
    for (let i = 0; i < times; i++) all.push(await join(userId, address));
    return all;
  };

  for (const [way, jumpMs] of [
    ["a clock set back an hour", -3_600_000],
    ["a clock set forward an hour", 3_600_000],
  ] as const) {
    it(`[X30] ${way} makes it neither more nor less, per person and per address`, async () => {
      assert.deepEqual(await joins(5, "kim", "a"), [...Array(4).fill("admitted"), "rate_limited"]);
      clock.jump(jumpMs);
      assert.equal(await join("kim", "b"), "rate_limited");
      await clock.advance(9_999);
      assert.equal(await join("kim", "b"), "rate_limited");
      await clock.advance(1);
      assert.deepEqual(await joins(4, "kim", "c"), Array(4).fill("admitted"));
      clock.jump(-jumpMs);
      assert.deepEqual(await joins(3, "lee", "c"), ["admitted", "admitted", "rate_limited"]);
      await clock.advance(10_000);
      assert.equal(await join("lee", "c"), "admitted");
    });
  }
});
