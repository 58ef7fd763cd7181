import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { RECORD_FORMAT } from "../../src/core/record.ts";
import { recordBodyOf } from "../../src/core/record-upgrades.ts";
import { fingerprintOf, readSnapshot, SNAPSHOT_FORMAT, writeSnapshot } from "../../src/core/snapshot.ts";
import { UnknownFormat, upgraded } from "../../src/core/upgrade.ts";
import { WrittenLog } from "../support/written-log.ts";

/** Three steps, each of which says that it was there. */
const FORMAT = {
  of: "thing",
  field: "v",
  steps: [0, 1, 2].map((from) => (stored: { readonly [field: string]: unknown }) => ({
    ...stored,
    steps: [...((stored.steps as number[]) ?? []), from],
  })),
};

describe("upgrading what is stored", () => {
  it("[N4] takes each step once, in order, from the format that is stored; none is 0", () => {
    assert.deepEqual(upgraded({ a: 1 }, FORMAT), { a: 1, steps: [0, 1, 2], v: 3 });
    assert.deepEqual(upgraded({ a: 1, v: 0 }, FORMAT), { a: 1, steps: [0, 1, 2], v: 3 });
    assert.deepEqual(upgraded({ a: 1, v: 2 }, FORMAT), { a: 1, steps: [2], v: 3 });
  });

  it("[N4] leaves today's format, and what it was given, as it is", () => {
    const today = Object.freeze({ v: 3 });
    assert.equal(upgraded(today, FORMAT), today);
    const former = { v: 1 };
    upgraded(former, FORMAT);
    assert.deepEqual(former, { v: 1 });
  });

  it("[N5] refuses a newer format, what is no format and what is no object, and says what it knows", () => {
    for (const stored of [{ v: 4 }, { v: -1 }, { v: 1.5 }, { v: "1" }, { v: {} }, null, [], "text", 3, undefined]) {
      assert.throws(
        () => upgraded(stored, FORMAT),
        (error: Error) => {
          assert.ok(error instanceof UnknownFormat);
          assert.match(error.message, /^thing format .* is unknown: this program knows 0 to 3$/);
          return true;
        },
      );
    }
  });
});

describe("a record of format 0", () => {
  const today = (content: object) => ({ v: RECORD_FORMAT, content });

  it("[N4] is one of today's without its number, and what it lacks is the contract's default", () => {
    const settings = {
      reconnectWindow: 60,
      idleAfter: 120,
      snapshotEvery: 30,
      activityTimeout: 5,
      autoPauseWhenNoGm: 0,
      connectionsPerParticipant: 3,
      admission: "open",
    };
    const created = { kind: "created", campaignId: "c1", title: "T", createdBy: "gm" };
    assert.deepEqual(recordBodyOf({ content: created }), today({ ...created, maxParticipants: 8, settings }));
    const more = { maxParticipants: 5, settings: { idleAfter: 300 } };
    const expected = { ...created, maxParticipants: 5, settings: { ...settings, idleAfter: 300 } };
    assert.deepEqual(recordBodyOf({ content: { ...created, ...more } }), today(expected));

    const paused = { kind: "status", status: "paused", by: "gm" };
    assert.deepEqual(recordBodyOf({ content: paused }), today({ ...paused, reason: "" }));
    const change = { what: "removed", userId: "mo" };
    const removed = recordBodyOf({ content: { kind: "place", change } });
    assert.deepEqual(removed, today({ kind: "place", change: { ...change, ban: false } }));
    const invite = { id: "i1", expiresAt: 9, createdAt: 1, createdBy: "gm", tokenHash: "h" };
    const invited = recordBodyOf({ content: { kind: "invite", change: { what: "created", invite } } });
    const whole = { ...invite, role: "player", label: null, maxUses: 1, uses: 0, revokedAt: null, removalsBefore: 0 };
    assert.deepEqual(invited, today({ kind: "invite", change: { what: "created", invite: whole } }));
  });

  it("[N4] keeps whatever it has: every kind of record of an evening", () => {
    const log = WrittenLog.begun();
    log.opened("p1");
    log.invited("i1", { maxUses: 3, label: "Für alle 🎲", role: "spectator" });
    log.joined("kim");
    log.joined("lee", { inviteId: "i1" });
    log.command("kim", [["shared/a", "1"]], { result: "1" });
    log.write({ kind: "status", status: "ended", by: "gm", reason: "late" });
    log.write({ kind: "place", change: { what: "removed", userId: "mo", ban: true } }, [], { sockets: { kim: 1 } });
    log.write({ kind: "settings", settings: { idleAfter: 7, admission: "approve" } });
    log.knocked("pia");
    log.admitted("pia");
    log.write({ kind: "knock", change: { what: "lapsed", userIds: ["pia"] } });
    log.happened("participant.idle", "kim");
    for (const { v, content, sockets } of log.records) {
      const body = { content, ...(sockets === undefined ? {} : { sockets }) };
      assert.deepEqual(recordBodyOf(body), { v, ...body });
      assert.deepEqual(recordBodyOf({ v, ...body }), { v, ...body });
    }
  });

  it("[N5] is no record without content", () => {
    for (const content of [undefined, null, "audit", []]) {
      assert.throws(() => recordBodyOf({ content }), { name: "UnknownFormat", message: "it has no content" });
      assert.throws(() => recordBodyOf({ v: RECORD_FORMAT, content }), UnknownFormat);
    }
  });

  it("[N5] of a kind that nobody knows is not folded", () => {
    const log = WrittenLog.begun();
    for (const kind of ["prophecy", "toString", undefined]) {
      assert.throws(() => log.state.apply(log.next({ kind } as never)), /of a kind that this program does not know/);
    }
    assert.equal(log.state.pos, 1);
  });
});

describe("a snapshot of format 0", () => {
  it("[N4] is one of today's without its number, and what it lacks is the contract's default", () => {
    const log = WrittenLog.begun({ maxParticipants: 8 });
    log.invited("i1");
    log.command("kim", [["shared/a", "1"]], { result: "1" });
    const { text } = writeSnapshot(log.state);
    const { format, maxParticipants, statusReason, settings, ...rest } = JSON.parse(text);
    assert.deepEqual([format, maxParticipants, statusReason], [SNAPSHOT_FORMAT, 8, ""]);
    for (const { label, revokedAt } of rest.invites) assert.deepEqual([label, revokedAt], [null, null]);
    for (const invite of rest.invites) for (const field of ["label", "revokedAt"]) delete invite[field];
    const former = JSON.stringify({ ...rest, settings: { idleAfter: settings.idleAfter } });
    const read = writeSnapshot(readSnapshot(former, hash("sha256", former, "hex"))).text;
    assert.deepEqual(JSON.parse(read), JSON.parse(text));
  });
});

describe("a snapshot of format 1", () => {
  /** Somebody who left, came back and is here; and 10,000 commands by others since. */
  function longEvening(): WrittenLog {
    const log = WrittenLog.begun();
    const commit = (userId: string, count: number) => {
      const { seq, pos } = log.state;
      const commands = Array.from({ length: count }, (_, i) => {
        const [n, id, changes] = [seq + i + 1, `${userId} ${pos} ${i}`, [["shared/n", `${i}`]] as const];
        return { seq: n, at: log.now, userId, id, action: "set", changes };
      });
      log.write({ kind: "commands", commands });
    };
    for (const userId of ["gm", "kim", "mo"]) log.joined(userId);
    for (const userId of ["kim", "mo"]) commit(userId, 3);
    commit("gm", 9_000);
    for (const userId of ["kim", "mo"]) log.write({ kind: "place", change: { what: "left", userId } });
    log.joined("kim");
    commit("gm", 1_000);
    return log;
  }

  it("[N4] keeps of people without a place what is among the session's newest ids, as today's fold does", () => {
    const { state } = longEvening();
    const today = writeSnapshot(state);
    const snapshot = JSON.parse(today.text);
    assert.equal(snapshot.answers.length, 8_192);
    const older = ["kim", "mo"].flatMap((userId, at) => [1, 2, 3].map((n) => [userId, `${n}`, at * 3 + n]));
    const former = JSON.stringify({ ...snapshot, format: 1, answers: [...older, ...snapshot.answers] });
    const read = readSnapshot(former, hash("sha256", former, "hex"));
    assert.deepEqual(read.answers.get("kim", "3"), { seq: 3 });
    assert.equal(read.answers.get("mo", "3"), undefined);
    assert.equal(read.answers.size, 8_192 + 3);
    // What a place alone keeps known may differ; nothing else does.
    assert.notEqual(writeSnapshot(read).sha256, today.sha256);
    assert.equal(fingerprintOf(read), fingerprintOf(state));
    read.entries.put("shared/other", { value: "1", version: 1, by: "kim" });
    assert.notEqual(fingerprintOf(read), fingerprintOf(state));
  });
});
