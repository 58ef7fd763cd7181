import assert from "node:assert/strict";
import type { Attendance } from "../../src/core/attendance.ts";
import { GM_RETURNS_WITHIN_MS, ownStep, pauseAfterOpeningMs } from "../../src/core/auto-pause.ts";
import type { Place, Role, Status } from "../../src/core/session.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { SessionState } from "../../src/core/state.ts";
import { step } from "../../src/core/status.ts";

const settings = (autoPauseWhenNoGm: number) => ({ ...DEFAULT_SETTINGS, autoPauseWhenNoGm });
const NOW = 1_000_000;

/** A live session since 0, with people who were in it: `seen` up to when, null for online as far as is recorded. */
function session(
  seconds: number,
  people: Record<string, { role: Role; seen: number | null; hasPlace?: boolean }> = {},
) {
  const state = new SessionState("s1");
  Object.assign(state, { status: "live", statusBy: "gm", statusSince: 0, settings: settings(seconds) });
  for (const [userId, { role, seen, hasPlace = false }] of Object.entries(people)) {
    const person = { role, onlineSince: seen === null ? 5 : null, lastSeenAt: seen ?? 5 } as Attendance;
    state.attendance.set(userId, person);
    if (hasPlace) state.places.set(userId, { userId, role } as Place);
  }
  return state;
}

describe("auto-pause", () => {
  it("[V14] is for play that has no GM, and for nothing else; 0 is never", () => {
    const stepOf = (status: Status, seconds: number, hasGm: boolean) =>
      ownStep({ status, statusBy: "gm", settings: settings(seconds) }, hasGm);
    assert.deepEqual(stepOf("live", 90, false), { name: "pause", afterMs: 90_000 });
    assert.equal(stepOf("live", 90, true), undefined);
    assert.equal(stepOf("live", 0, false), undefined);
    for (const status of ["created", "paused", "ended"] as const) {
      for (const hasGm of [true, false]) assert.equal(stepOf(status, 90, hasGm), undefined);
    }
  });

  it("[V22] the server resumes its own pause when a GM is here, whatever the setting is by now", () => {
    for (const seconds of [0, 90]) {
      const own = { status: "paused" as const, statusBy: "", settings: settings(seconds) };
      assert.deepEqual(ownStep(own, true), { name: "resume" });
      assert.equal(ownStep(own, false), undefined);
      assert.equal(ownStep({ ...own, statusBy: "gm" }, true), undefined);
    }
  });

  it("[V23] a GM's pause of what the server paused is a step; the server's own and a second one are none", () => {
    assert.deepEqual(step({ status: "paused", statusBy: "" }, "pause", "gm"), { to: "paused" });
    assert.equal(step({ status: "paused", statusBy: "" }, "pause", ""), "unchanged");
    assert.equal(step({ status: "paused", statusBy: "gm" }, "pause", "gm"), "unchanged");
    assert.equal(step({ status: "paused", statusBy: "gm" }, "pause", "another"), "unchanged");
    assert.deepEqual(step({ status: "paused", statusBy: "" }, "resume", "gm"), { to: "live" });
  });

  it("[V20] after an opening counts from the last GM's going, or the beginning of play", () => {
    const due = (state: SessionState, aliveUntil = NOW) => pauseAfterOpeningMs(state, NOW, aliveUntil);
    assert.equal(due(session(90, { gm: { role: "gm", seen: NOW - 30_000 } })), 60_000);
    assert.equal(due(session(90, { gm: { role: "gm", seen: NOW - 90_001 } })), 0);
    const two = { gm: { role: "gm", seen: 9 }, co: { role: "gm", seen: NOW - 1_000 } } as const;
    assert.equal(due(session(90, two)), 89_000);
    assert.equal(due(session(90, { kim: { role: "player", seen: NOW } })), 0, "players do not count");
    assert.equal(due(Object.assign(session(90), { statusSince: NOW - 20_000 })), 70_000);
    assert.equal(due(Object.assign(session(90), { status: "paused" })), undefined);
    assert.equal(due(session(0)), undefined);
  });

  it("[V20] a GM whose going was not recorded went with the host", () => {
    const state = session(90, { gm: { role: "gm", seen: null } });
    assert.equal(pauseAfterOpeningMs(state, NOW, NOW - 40_000), 50_000);
    assert.equal(pauseAfterOpeningMs(state, NOW, NOW - 400_000), 0);
  });

  it("[V20] gives a GM who still has a place 10 s to be back, or the setting where that is shorter", () => {
    const gone = { gm: { role: "gm", seen: 7, hasPlace: true } } as const;
    assert.equal(pauseAfterOpeningMs(session(90, gone), NOW, NOW), GM_RETURNS_WITHIN_MS);
    assert.equal(pauseAfterOpeningMs(session(3, gone), NOW, NOW), 3_000);
    const player = { gm: { role: "gm", seen: 7 }, kim: { role: "player", seen: NOW, hasPlace: true } } as const;
    assert.equal(pauseAfterOpeningMs(session(90, player), NOW, NOW), 0);
  });

  it("[V20] a clock that was set back makes it no longer than the setting", () => {
    assert.equal(pauseAfterOpeningMs(session(90, { gm: { role: "gm", seen: NOW + 7_200_000 } }), NOW, NOW), 90_000);
  });
});
