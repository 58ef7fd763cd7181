import assert from "node:assert/strict";
import { EXPECTED_MS, type HandedPerson } from "../../src/core/person.ts";
import { type PresenceFact, SessionPresence } from "../../src/core/presence.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";

const NOW = 1_000_000;
const WINDOW_MS = 60_000;

function handed(more: Partial<HandedPerson> = {}): HandedPerson {
  return {
    presence: "online",
    signAt: NOW - 1_000,
    lastSeenAt: NOW - 90_000,
    droppedAt: NOW - 100_000,
    reconnects: 2,
    reconnectUntil: 0,
    ...more,
  };
}

/** A session at its new host, with one person in it. */
function moved(more: Partial<HandedPerson> = {}, wasCounted = true) {
  const presence = new SessionPresence(DEFAULT_SETTINGS);
  const first = presence.handedOver("kim", handed(more), wasCounted, NOW, WINDOW_MS);
  return { presence, first, kim: () => presence.of("kim")! };
}

const kinds = (facts: readonly PresenceFact[]): string[] => facts.map(({ what }) => what);

describe("presence: of a session that was handed over", () => {
  it("[MP60] whoever was online is shown so, and comes back without a word", () => {
    const { presence, first, kim } = moved();
    assert.deepEqual(kinds(first), ["presence"]);
    assert.deepEqual([kim().presence, kim().connections, presence.online], ["online", 0, 1]);
    assert.deepEqual(kinds(presence.advance(NOW + EXPECTED_MS - 1)), []);
    assert.deepEqual(kinds(presence.connected("kim", "c1", NOW + EXPECTED_MS - 1)), []);
    assert.deepEqual([kim().reconnects, kim().droppedAt], [2, NOW - 100_000]);
    assert.deepEqual(kinds(presence.advance(NOW + EXPECTED_MS)), []);
    assert.equal(kim().presence, "online");
  });

  it("[MP60] whoever was idle stays idle, and is online with a sign of their own", () => {
    const { presence, kim } = moved({ presence: "idle" });
    assert.deepEqual(kinds(presence.connected("kim", "c1", NOW + 1)), []);
    assert.equal(kim().presence, "idle");
    assert.deepEqual(kinds(presence.acted("kim", "c1", NOW + 2)), ["presence", "online"]);
  });

  it("[MP60] whoever falls idle meanwhile is idle", () => {
    const signAt = NOW - DEFAULT_SETTINGS.idleAfter * 1_000 + 2_000;
    const { presence, kim } = moved({ signAt });
    assert.equal(presence.nextWakeAt(), NOW + 2_000);
    assert.deepEqual(kinds(presence.advance(NOW + 2_000)), ["presence", "idle"]);
    presence.connected("kim", "c1", NOW + 3_000);
    assert.equal(kim().presence, "idle");
  });

  it("[MP61] whoever is not back is gone since the move, and their window began then", () => {
    const { presence, kim } = moved();
    assert.equal(presence.nextWakeAt(), NOW + EXPECTED_MS);
    const facts = presence.advance(NOW + EXPECTED_MS);
    assert.deepEqual(facts, [
      { what: "presence", userId: "kim", presence: "disconnected" },
      { what: "dropped", userId: "kim", at: NOW, reconnectUntil: NOW + WINDOW_MS },
    ]);
    const { droppedAt, lastSeenAt, reconnectUntil } = kim();
    assert.deepEqual(
      { droppedAt, lastSeenAt, reconnectUntil },
      {
        droppedAt: NOW,
        lastSeenAt: NOW,
        reconnectUntil: NOW + WINDOW_MS,
      },
    );
    assert.deepEqual(kinds(presence.connected("kim", "c1", NOW + EXPECTED_MS + 1)), ["reconnected", "presence"]);
    assert.equal(kim().reconnects, 3);
  });

  it("[MP61] a window shorter than that ends when they are given up", () => {
    const presence = new SessionPresence(DEFAULT_SETTINGS);
    presence.handedOver("kim", handed(), true, NOW, 0);
    assert.deepEqual(kinds(presence.advance(NOW + 4_000)), []);
    assert.deepEqual(kinds(presence.advance(NOW + EXPECTED_MS)), ["presence", "dropped", "windowEnded"]);
  });

  it("[MP61] whoever was in their window has what was left of it", () => {
    const droppedAt = NOW - 50_000;
    const { presence, first, kim } = moved(
      { presence: "disconnected", reconnectUntil: NOW + 10_000, droppedAt },
      false,
    );
    assert.deepEqual(kinds(first), ["presence"]);
    assert.deepEqual([kim().droppedAt, kim().reconnectUntil], [droppedAt, NOW + 10_000]);
    assert.deepEqual(kinds(presence.advance(NOW + 9_999)), []);
    assert.deepEqual(kinds(presence.advance(NOW + 10_000)), ["windowEnded"]);
  });

  it("[MP62] what the audit trail was not told any more is told: a return, a drop", () => {
    assert.deepEqual(kinds(moved({}, false).first), ["presence", "reconnected"]);
    const droppedAt = NOW - 300;
    const { first } = moved({ presence: "disconnected", droppedAt, reconnectUntil: NOW + 59_700 }, true);
    assert.deepEqual(first.at(-1), { what: "dropped", userId: "kim", at: droppedAt, reconnectUntil: NOW + 59_700 });
  });

  it("[MP60] handed over again, they are expected anew", () => {
    const { presence } = moved();
    const again = new SessionPresence(DEFAULT_SETTINGS);
    again.handedOver("kim", presence.handOver().get("kim")!, true, NOW + 4_000, WINDOW_MS);
    assert.deepEqual(kinds(again.advance(NOW + 8_000)), []);
    assert.equal(again.of("kim")!.presence, "online");
  });

  it("[MP66] a socket that was moved ends as one of a session that was handed over", () => {
    const presence = new SessionPresence(DEFAULT_SETTINGS);
    presence.connected("kim", "c1", NOW);
    presence.activity("kim", "typing", NOW);
    assert.deepEqual(kinds(presence.disconnected("kim", "c1", NOW, WINDOW_MS, true)), ["activity"]);
    assert.deepEqual(kinds(presence.connected("kim", "c2", NOW + 4_000)), []);
    presence.disconnected("kim", "c2", NOW + 5_000, WINDOW_MS, true);
    assert.deepEqual(kinds(presence.advance(NOW + 10_000)), ["presence", "dropped"]);
    assert.equal(presence.of("kim")!.reconnectUntil, NOW + 5_000 + WINDOW_MS);
  });
});
