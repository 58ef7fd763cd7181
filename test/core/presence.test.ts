import assert from "node:assert/strict";
import fc from "fast-check";
import { type PresenceFact, SEEN_EVERY_MS, SessionPresence } from "../../src/core/presence.ts";

const SETTINGS = { idleAfter: 120, activityTimeout: 5 };
const WINDOW_MS = 60_000;
const START = 1_790_000_000_000;

/** Facts in short: `kim idle`, `kim typing`, `kim dropped` … */
function short(facts: readonly PresenceFact[]): string[] {
  return facts.map((fact) => {
    if (fact.what === "presence") return `${fact.userId} is ${fact.presence}`;
    if (fact.what === "activity") return `${fact.userId} does ${fact.activity}`;
    return `${fact.userId} ${fact.what}`;
  });
}

function sessionWith(...userIds: string[]): SessionPresence {
  const presence = new SessionPresence(SETTINGS);
  for (const userId of userIds) presence.connected(userId, `${userId}-1`, START);
  return presence;
}

describe("presence: connections", () => {
  it("[W1] a newcomer is online; a first connection is no return", () => {
    const presence = new SessionPresence(SETTINGS);
    assert.deepEqual(short(presence.connected("kim", "a", START)), ["kim is online"]);
    assert.deepEqual(presence.of("kim"), {
      ...{ presence: "online", activity: "none", lastSeenAt: START, reconnectUntil: 0 },
      ...{ reconnects: 0, droppedAt: 0, connections: 1 },
    });
    assert.equal(presence.of("lee"), undefined);
  });

  it("[W1] is that of the best connection", () => {
    const presence = sessionWith("kim");
    assert.deepEqual(short(presence.connected("kim", "phone", START + 1)), []);
    assert.deepEqual(short(presence.declared("kim", "kim-1", "idle", START + 2)), []);
    assert.deepEqual(short(presence.declared("kim", "phone", "idle", START + 3)), ["kim is idle", "kim idle"]);
    assert.deepEqual(short(presence.declared("kim", "phone", "online", START + 4)), ["kim is online", "kim online"]);
    assert.deepEqual(short(presence.disconnected("kim", "phone", START + 5, WINDOW_MS)), ["kim is idle", "kim idle"]);
    assert.deepEqual(short(presence.connected("kim", "tablet", START + 6)), ["kim is online", "kim online"]);
    assert.equal(presence.of("kim")?.connections, 2);
    assert.equal(presence.of("kim")?.reconnects, 0);
  });

  it("[W4] is dropped with the last connection, not with one of several", () => {
    const presence = sessionWith("kim");
    presence.connected("kim", "phone", START);
    assert.deepEqual(short(presence.disconnected("kim", "kim-1", START + 10, WINDOW_MS)), []);
    const facts = presence.disconnected("kim", "phone", START + 20, WINDOW_MS);
    assert.deepEqual(short(facts), ["kim is disconnected", "kim dropped"]);
    assert.deepEqual(facts.at(-1), {
      ...{ what: "dropped", userId: "kim", at: START + 20, reconnectUntil: START + 20 + WINDOW_MS },
    });
    const { presence: is, reconnectUntil, droppedAt, lastSeenAt, connections } = presence.of("kim")!;
    assert.deepEqual(
      [is, reconnectUntil, droppedAt, lastSeenAt, connections],
      ["disconnected", START + 20 + WINDOW_MS, START + 20, START + 20, 0],
    );
  });

  it("[W4] tells the end of the window once; the person stays until the place ends", () => {
    const presence = sessionWith("kim");
    presence.disconnected("kim", "kim-1", START, WINDOW_MS);
    assert.deepEqual(short(presence.advance(START + WINDOW_MS - 1)), []);
    assert.deepEqual(short(presence.advance(START + WINDOW_MS)), ["kim windowEnded"]);
    assert.deepEqual(short(presence.advance(START + 2 * WINDOW_MS)), []);
    assert.equal(presence.of("kim")?.presence, "disconnected");
    presence.placeEnded("kim");
    assert.equal(presence.of("kim"), undefined);
    assert.equal(presence.nextWakeAt(), undefined);
  });

  it("[W4] a window of 0 ends at once", () => {
    const presence = sessionWith("kim");
    const facts = presence.disconnected("kim", "kim-1", START, 0);
    assert.deepEqual(short(facts), ["kim is disconnected", "kim dropped", "kim windowEnded"]);
    assert.deepEqual(short(presence.advance(START)), []);
  });

  it("[W4] a changed window counts for later drops", () => {
    const presence = sessionWith("kim", "lee");
    presence.disconnected("kim", "kim-1", START, 60_000);
    presence.disconnected("lee", "lee-1", START, 1_000);
    assert.deepEqual(short(presence.advance(START + 1_000)), ["lee windowEnded"]);
    assert.deepEqual(short(presence.advance(START + 60_000)), ["kim windowEnded"]);
  });

  it("[W5] back in the window is reconnected and counted; the window is gone", () => {
    const presence = sessionWith("kim");
    presence.disconnected("kim", "kim-1", START, WINDOW_MS);
    assert.deepEqual(short(presence.connected("kim", "b", START + 10)), ["kim reconnected", "kim is online"]);
    const { reconnectUntil, reconnects, droppedAt } = presence.of("kim")!;
    assert.deepEqual([reconnectUntil, reconnects, droppedAt], [0, 1, START]);
    assert.deepEqual(short(presence.advance(START + WINDOW_MS)), []);
  });

  it("[W5] back after the window, before the place ended, is reconnected too, with a new window at the next drop", () => {
    const presence = sessionWith("kim");
    presence.disconnected("kim", "kim-1", START, 10);
    presence.advance(START + 10);
    assert.deepEqual(short(presence.connected("kim", "b", START + 20)), ["kim reconnected", "kim is online"]);
    presence.disconnected("kim", "b", START + 30, 10);
    assert.deepEqual(short(presence.advance(START + 40)), ["kim windowEnded"]);
  });

  it("[W7] after an opening everybody is disconnected with a full window, and what was known stays", () => {
    const presence = new SessionPresence(SETTINGS);
    const before = { lastSeenAt: START - 9_000, droppedAt: START - 9_000, reconnects: 2 };
    assert.deepEqual(short(presence.restored("kim", START, WINDOW_MS, before)), ["kim is disconnected"]);
    presence.restored("lee", START, WINDOW_MS);
    assert.deepEqual(presence.of("kim"), {
      ...{ presence: "disconnected", activity: "none", reconnectUntil: START + WINDOW_MS, connections: 0 },
      ...before,
    });
    assert.equal(presence.online, 0);
    assert.deepEqual(short(presence.connected("kim", "a", START + 5)), ["kim reconnected", "kim is online"]);
    assert.equal(presence.of("kim")?.reconnects, 3);
    assert.deepEqual(short(presence.advance(START + WINDOW_MS)), ["lee windowEnded"]);
    assert.deepEqual([...presence.userIds()], ["kim", "lee"]);
    assert.deepEqual(short(presence.restored("mo", START, 0)), ["mo is disconnected", "mo windowEnded"]);
  });

  it("[W9] of unknown people and connections nothing is told", () => {
    const presence = sessionWith("kim");
    presence.connected("kim", "phone", START);
    presence.placeEnded("kim");
    for (const facts of [
      presence.disconnected("kim", "kim-1", START, WINDOW_MS),
      presence.acted("kim", "phone", START),
      presence.declared("kim", "phone", "idle", START),
      presence.activity("kim", "typing", START),
      presence.advance(START + 1e6),
    ]) {
      assert.deepEqual(facts, []);
    }
    presence.connected("kim", "new", START);
    assert.deepEqual(presence.disconnected("kim", "phone", START, WINDOW_MS), [], "a socket of the former place");
    assert.equal(presence.of("kim")?.presence, "online");
  });
});

describe("presence: idle and activity", () => {
  it("[W2] without a sign for idleAfter they are idle, a command makes them online", () => {
    const presence = sessionWith("kim");
    assert.deepEqual(short(presence.advance(START + 119_999)), []);
    const facts = presence.advance(START + 120_000);
    assert.deepEqual(short(facts), ["kim is idle", "kim idle"]);
    assert.equal(presence.online, 1, "idle counts");
    assert.deepEqual(short(presence.acted("kim", "kim-1", START + 130_000)), ["kim is online", "kim online"]);
    assert.deepEqual(short(presence.advance(START + 249_999)), []);
    assert.deepEqual(short(presence.advance(START + 250_000)), ["kim is idle", "kim idle"]);
  });

  for (const sign of ["acted", "activity", "declared"] as const) {
    it(`[W2] ${sign} puts idleness off`, () => {
      const presence = sessionWith("kim");
      const at = START + 50_000;
      if (sign === "acted") presence.acted("kim", "kim-1", at);
      if (sign === "activity") presence.activity("kim", "none", at);
      if (sign === "declared") presence.declared("kim", "kim-1", "online", at);
      assert.deepEqual(short(presence.advance(START + 169_999)), []);
      assert.deepEqual(short(presence.advance(START + 170_000)), ["kim is idle", "kim idle"]);
    });
  }

  it("[W2] a sign from one connection counts for the person", () => {
    const presence = sessionWith("kim");
    presence.connected("kim", "phone", START);
    presence.acted("kim", "phone", START + 100_000);
    presence.disconnected("kim", "phone", START + 110_000, WINDOW_MS);
    assert.deepEqual(short(presence.advance(START + 219_999)), []);
    assert.deepEqual(short(presence.advance(START + 220_000)), ["kim is idle", "kim idle"]);
  });

  it("[W2] other settings count at once", () => {
    const presence = sessionWith("kim");
    presence.settingsChanged({ idleAfter: 1, activityTimeout: 5 });
    assert.equal(presence.nextWakeAt(), START + 1000);
    assert.deepEqual(short(presence.advance(START + 1000)), ["kim is idle", "kim idle"]);
  });

  it("[W3] an activity is the last one, and falls back after activityTimeout", () => {
    const presence = sessionWith("kim");
    assert.deepEqual(short(presence.activity("kim", "typing", START)), ["kim does typing"]);
    assert.deepEqual(short(presence.activity("kim", "typing", START + 3000)), []);
    assert.deepEqual(short(presence.activity("kim", "rolling", START + 4000, "kim-1")), ["kim does rolling"]);
    assert.deepEqual(short(presence.advance(START + 8999)), []);
    assert.deepEqual(short(presence.advance(START + 9000)), ["kim does none"]);
  });

  it("[W3] an activity makes them online; a drop ends it", () => {
    const presence = sessionWith("kim");
    presence.declared("kim", "kim-1", "idle", START);
    const facts = presence.activity("kim", "acting", START + 1);
    assert.deepEqual(short(facts), ["kim is online", "kim online", "kim does acting"]);
    const dropped = presence.disconnected("kim", "kim-1", START + 2, WINDOW_MS);
    assert.deepEqual(short(dropped), ["kim does none", "kim is disconnected", "kim dropped"]);
  });

  it("[W6] lastSeenAt changes with presence, and else at most once a minute", () => {
    const presence = sessionWith("kim");
    const seenAt = () => presence.of("kim")!.lastSeenAt - START;
    const told: number[] = [];
    for (let ms = 1000; ms <= 300_000; ms += 1000) {
      for (const fact of presence.acted("kim", "kim-1", START + ms)) if (fact.what === "seen") told.push(seenAt());
    }
    assert.deepEqual(
      told,
      [1, 2, 3, 4, 5].map((minutes) => minutes * SEEN_EVERY_MS),
    );
    presence.declared("kim", "kim-1", "idle", START + 301_000);
    assert.equal(seenAt(), 301_000);
    assert.deepEqual(short(presence.acted("kim", "kim-1", START + 400_000)), ["kim is online", "kim online"]);
    assert.equal(seenAt(), 400_000);
  });
});

describe("presence: waking", () => {
  it("[W8] wakes for the earliest of all, and not at all when nothing is pending", () => {
    const presence = new SessionPresence(SETTINGS);
    assert.equal(presence.nextWakeAt(), undefined);
    presence.connected("kim", "a", START);
    assert.equal(presence.nextWakeAt(), START + 120_000);
    presence.activity("kim", "typing", START + 1000);
    assert.equal(presence.nextWakeAt(), START + 6000);
    presence.advance(START + 6000);
    assert.equal(presence.nextWakeAt(), START + 121_000);
    presence.advance(START + 121_000);
    assert.equal(presence.nextWakeAt(), undefined, "idle waits for nothing");
    presence.disconnected("kim", "a", START + 130_000, WINDOW_MS);
    assert.equal(presence.nextWakeAt(), START + 190_000);
  });

  it("[W8] a command of somebody online moves nothing and allocates no facts", () => {
    const presence = sessionWith("kim");
    const wakeAt = presence.nextWakeAt();
    const facts = presence.acted("kim", "kim-1", START + 1000);
    assert.equal(presence.acted("kim", "kim-1", START + 2000), facts, "the same empty list");
    assert.equal(presence.nextWakeAt(), wakeAt);
    assert.deepEqual(short(presence.advance(wakeAt!)), []);
    assert.equal(presence.nextWakeAt(), START + 122_000);
  });

  it("[W8] woken when it asks, it tells what one woken every 100 ms tells, at the same time", () => {
    const deed = fc.record({
      userId: fc.constantFrom("kim", "lee"),
      connection: fc.constantFrom("a", "b"),
      what: fc.constantFrom("connected", "disconnected", "idle", "online", "acted", "typing", "none", "placeEnded"),
      gap: fc.integer({ min: 0, max: 25 }),
    });
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const settings = { idleAfter: 2, activityTimeout: 1 };
        const eager = new SessionPresence(settings);
        const asked = new SessionPresence(settings);
        const told: [string[], string[]] = [[], []];
        const keep = (which: 0 | 1, now: number, facts: readonly PresenceFact[]) => {
          for (const fact of short(facts)) told[which].push(`${now} ${fact}`);
        };
        let now = 0;
        for (const { userId, connection, what, gap } of deeds) {
          for (const until = now + gap * 100; now < until; ) {
            now += 100;
            keep(0, now, eager.advance(now));
            const wakeAt = asked.nextWakeAt();
            if (wakeAt !== undefined && wakeAt <= now) keep(1, now, asked.advance(now));
          }
          for (const [index, presence] of [eager, asked].entries()) {
            const facts = ((): readonly PresenceFact[] => {
              if (what === "connected") return presence.connected(userId, connection, now);
              if (what === "disconnected") return presence.disconnected(userId, connection, now, 1500);
              if (what === "acted") return presence.acted(userId, connection, now);
              if (what === "idle" || what === "online") return presence.declared(userId, connection, what, now);
              if (what !== "placeEnded") return presence.activity(userId, what, now);
              presence.placeEnded(userId);
              return [];
            })();
            keep(index as 0 | 1, now, facts);
          }
        }
        assert.deepEqual(told[1], told[0]);
        for (const userId of ["kim", "lee"]) assert.deepEqual(asked.of(userId), eager.of(userId));
      }),
      { numRuns: 150 },
    );
  });
});
