import assert from "node:assert/strict";
import { inviteUsable, isInvitee, isOutBy } from "../../src/core/access-list.ts";
import { chain } from "../../src/core/audit.ts";
import type { LogRecord, RecordContent } from "../../src/core/record.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { readSnapshot, writeSnapshot } from "../../src/core/snapshot.ts";
import { placesTaken, type SessionState } from "../../src/core/state.ts";
import { START, WrittenLog } from "../support/written-log.ts";

const AUDIT: RecordContent = { kind: "audit" };

function refuses(log: WrittenLog, record: LogRecord, message: RegExp): void {
  const before = writeSnapshot(log.state).text;
  assert.throws(() => log.state.apply(record), message);
  assert.equal(writeSnapshot(log.state).text, before, "nothing changed");
}

function entriesOf(state: SessionState) {
  return Object.fromEntries(state.entries);
}

describe("a session's state: creation and commands", () => {
  it("[S2] is what `created` says", () => {
    const { state } = WrittenLog.begun({ title: "Night", maxParticipants: 6 });
    const { sessionId, campaignId, title, status, statusSince, statusBy, statusReason } = state;
    assert.deepEqual(
      { sessionId, campaignId, title, status, statusSince, statusBy, statusReason },
      {
        ...{ sessionId: "s1", campaignId: "c1", title: "Night", status: "created" },
        ...{ statusSince: START, statusBy: "gm", statusReason: "" },
      },
    );
    const { maxParticipants, settings, createdBy, createdAt, startedAt, endedAt, seq, pos, process } = state;
    assert.deepEqual(
      { maxParticipants, settings, createdBy, createdAt, startedAt, endedAt, seq, pos, process },
      {
        ...{ maxParticipants: 6, settings: DEFAULT_SETTINGS, createdBy: "gm", createdAt: START },
        ...{ startedAt: null, endedAt: null, seq: 0, pos: 1, process: null },
      },
    );
  });

  it("[S2] a continuation is seq 1, every entry version 1 with its former author", () => {
    const { state } = WrittenLog.begun({
      continued: [
        ["shared/a", "1", "kim"],
        ["gm/__proto__", '"x"', "lee"],
      ],
    });
    assert.equal(state.seq, 1);
    assert.deepEqual(state.entries.get("shared/a"), { value: "1", version: 1, by: "kim" });
    assert.deepEqual(state.entries.get("gm/__proto__"), { value: '"x"', version: 1, by: "lee" });
    assert.equal(WrittenLog.begun({ continued: [] }).state.seq, 0);
  });

  it("[S3] a change has its command's seq and person; null removes", () => {
    const log = WrittenLog.begun();
    log.command("kim", [
      ["shared/a", "1"],
      ["shared/b", "2"],
    ]);
    log.command("lee", [
      ["shared/a", null],
      ["shared/b", "3"],
    ]);
    log.command("lee", []);
    assert.deepEqual(entriesOf(log.state), { "shared/b": { value: "3", version: 2, by: "lee" } });
    assert.equal(log.state.seq, 3);
  });

  it("[I1] remembers the answer of every command", () => {
    const log = WrittenLog.begun();
    log.command("kim", [], { id: "x", result: "7" });
    assert.deepEqual(log.state.answers.get("kim", "x"), { seq: 1, result: "7" });
  });

  it("[S4] `opened` names host and epoch", () => {
    const log = WrittenLog.begun();
    log.opened("p1");
    log.opened("p2");
    assert.deepEqual([log.state.process, log.state.epoch], ["p2", 2]);
    assert.equal(log.state.lastAt, START);
  });
});

describe("a session's state: what does not follow", () => {
  it("[S1] a position that does not follow, naming session and position", () => {
    const log = WrittenLog.begun();
    refuses(log, log.next(AUDIT, [], { pos: 3 }), /session s1, record 3: position 3 does not follow 1/);
    refuses(log, log.next(AUDIT, [], { pos: 1 }), /does not follow/);
  });

  it("[S1] another session's record, an unknown format, a second creation", () => {
    const log = WrittenLog.begun();
    refuses(log, log.next(AUDIT, [], { sessionId: "s2" }), /is of session s2/);
    refuses(log, log.next(AUDIT, [], { v: 99 as never }), /format 99 is unknown/);
    refuses(log, log.next(log.records[0]!.content), /created cannot stand/);
    refuses(new WrittenLog(), new WrittenLog().next(AUDIT), /audit cannot stand/);
  });

  it("[S1] [S4] an epoch that falls, or is opened twice", () => {
    const log = WrittenLog.begun();
    log.opened("p1");
    log.opened("p2");
    refuses(log, log.next(AUDIT, [], { epoch: 1 }), /epoch 1 falls below 2/);
    refuses(log, log.next({ kind: "opened", process: "p3" }), /opened a second time in epoch 2/);
  });

  it("[S1] a gap in seq, even at the last command of a record", () => {
    const log = WrittenLog.begun();
    const one = { at: START, userId: "kim", action: "set", changes: [["shared/a", "1"]] as const };
    const commands = [
      { ...one, seq: 1, id: "a" },
      { ...one, seq: 3, id: "b" },
    ];
    refuses(log, log.next({ kind: "commands", commands }), /command 3 does not follow 1/);
    assert.throws(() => log.state.applyCommand(commands[1]!), /command 3 does not follow 0/);
    assert.equal(log.state.entries.size, 0);
  });

  it("[S1] an audit event with another number or another hash before it", () => {
    const log = WrittenLog.begun();
    const note = { kind: "session.updated", at: START, actor: { userId: "gm", via: "member" }, data: {} } as const;
    refuses(log, log.next(AUDIT, [], { audit: [chain(2, log.state.auditHead, note)] }), /event 3 does not follow 1/);
    refuses(log, log.next(AUDIT, [], { audit: [chain(1, "f".repeat(64), note)] }), /does not name the hash/);
  });

  it("[S1] an invite that does not exist", () => {
    const log = WrittenLog.begun();
    const place = { userId: "kim", name: "Kim", role: "player", via: "invite:i9", joinedAt: START } as const;
    refuses(log, log.next({ kind: "place", change: { what: "joined", place, inviteId: "i9" } }), /invite i9 does not/);
    refuses(log, log.next({ kind: "invite", change: { what: "revoked", inviteId: "i9" } }), /invite i9 does not/);
  });
});

describe("a session's state: status, settings, places", () => {
  it("[S5] a status keeps since when, by whom and why; startedAt is the first time live", () => {
    const log = WrittenLog.begun();
    log.after(10).write({ kind: "status", status: "live", by: "gm", reason: "" });
    log.after(20).write({ kind: "status", status: "paused", by: "gm", reason: "Pizza" });
    assert.deepEqual([log.state.status, log.state.statusBy, log.state.statusReason], ["paused", "gm", "Pizza"]);
    log.after(5).write({ kind: "status", status: "live", by: "gm2", reason: "" });
    const { startedAt, statusSince, statusBy, statusReason } = log.state;
    assert.deepEqual([startedAt, statusSince, statusBy, statusReason], [START + 10_000, START + 35_000, "gm2", ""]);
  });

  it("[S5] at the end all places are gone, and nothing else", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.command("kim", [["shared/a", "1"]]);
    log.after(60).write({ kind: "status", status: "ended", by: "gm", reason: "" });
    assert.equal(placesTaken(log.state), 0);
    assert.equal(log.state.endedAt, START + 60_000);
    assert.equal(log.state.entries.size, 1);
  });

  it("[S12] settings change field by field", () => {
    const log = WrittenLog.begun();
    log.write({ kind: "settings", settings: { idleAfter: 9 } });
    log.write({ kind: "settings", title: "Later", maxParticipants: 2 });
    assert.deepEqual(log.state.settings, { ...DEFAULT_SETTINGS, idleAfter: 9 });
    assert.deepEqual([log.state.title, log.state.maxParticipants], ["Later", 2]);
  });

  it("[S6] a place is taken, changed by a role, and gone when left or removed", () => {
    const log = WrittenLog.begun();
    for (const userId of ["kim", "lee", "mo"]) log.joined(userId);
    const role = { what: "role", role: "gm", name: "Kim the GM", via: "member" } as const;
    log.write({ kind: "place", change: { ...role, userId: "kim" } });
    log.write({ kind: "place", change: { ...role, userId: "stranger" } });
    log.write({ kind: "place", change: { what: "left", userId: "lee" } });
    log.write({ kind: "place", change: { what: "removed", userId: "mo", ban: false } });
    assert.deepEqual(
      [...log.state.places.values()],
      [{ userId: "kim", name: "Kim the GM", role: "gm", via: "member", joinedAt: START }],
    );
    assert.deepEqual([...log.state.banned], []);
  });

  it("[S6] a ban outlives the place until it is lifted, a stranger's too", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    for (const userId of ["kim", "stranger"])
      log.write({ kind: "place", change: { what: "removed", userId, ban: true } });
    assert.deepEqual([...log.state.banned], ["kim", "stranger"]);
    assert.equal(placesTaken(log.state), 0);
    log.write({ kind: "place", change: { what: "unbanned", userId: "kim" } });
    assert.deepEqual([...log.state.banned], ["stranger"]);
  });
});

/** Somebody whom the campaign took out by that removal; 0: never. */
function person(userId: string, removal = 0) {
  return { userId, removal };
}

describe("a session's state: invites", () => {
  it("[T16] admits nobody who was taken out of the campaign after it was made", () => {
    const log = WrittenLog.begun();
    log.invited("old", { maxUses: 5, removalsBefore: 3 });
    log.invited("new", { maxUses: 5, removalsBefore: 4 });
    log.joined("kim", { inviteId: "old" });
    const usable = (id: string, removal: number) =>
      inviteUsable(log.state, log.state.invites.get(id)!, person("lee", removal), log.now);
    assert.deepEqual(
      [usable("old", 0), usable("old", 3), usable("old", 4), usable("new", 4)],
      [true, true, false, true],
    );
    assert.deepEqual(
      [0, 3, 4, 5].map((removal) => isInvitee(log.state, person("kim", removal))),
      [true, true, false, false],
    );
    log.joined("kim", { inviteId: "new" });
    assert.deepEqual(
      [4, 5].map((removal) => isInvitee(log.state, person("kim", removal))),
      [true, false],
      "the invite that they came by last counts",
    );
    assert.deepEqual(
      [
        isOutBy(log.state, "member", person("lee", 4)),
        isOutBy(log.state, "invite:old", person("lee", 4)),
        isOutBy(log.state, "invite:new", person("lee", 4)),
      ],
      [true, true, false],
    );
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "new" } });
    assert.equal(isOutBy(log.state, "invite:new", person("lee", 4)), false, "to be revoked puts nobody out");
  });

  it("[S7] counts a person once per invite, however often they join by it", () => {
    const log = WrittenLog.begun();
    log.invited("i1", { maxUses: 5 });
    log.invited("i2", { maxUses: 5, role: "spectator" });
    for (const inviteId of ["i1", "i1", "i2", "i1", null]) log.joined("kim", { inviteId });
    log.joined("lee", { inviteId: "i1" });
    assert.deepEqual([log.state.invites.get("i1")?.uses, log.state.invites.get("i2")?.uses], [2, 1]);
    assert.deepEqual(log.state.invitees.get("kim"), { inviteId: "i1", role: "player", used: ["i1", "i2"] });
  });

  it("[S7] counts nobody for a join without an invite", () => {
    const log = WrittenLog.begun();
    log.invited("i1");
    log.joined("kim");
    assert.equal(log.state.invites.get("i1")?.uses, 0);
    assert.equal(isInvitee(log.state, person("kim")), false);
  });

  it("[S8] an invitee comes back after it expired, not after it was revoked", () => {
    const log = WrittenLog.begun();
    log.invited("i1");
    log.joined("kim", { inviteId: "i1" });
    log.after(10_000);
    assert.equal(isInvitee(log.state, person("kim")), true);
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "i1" } });
    log.after(1).write({ kind: "invite", change: { what: "revoked", inviteId: "i1" } });
    assert.equal(isInvitee(log.state, person("kim")), false);
    assert.equal(log.state.invites.get("i1")?.revokedAt, START + 10_000_000, "the first time counts");
  });

  it("[S8] a banned invitee does not come back", () => {
    const log = WrittenLog.begun();
    log.invited("i1");
    log.joined("kim", { inviteId: "i1" });
    log.write({ kind: "place", change: { what: "removed", userId: "kim", ban: true } });
    assert.equal(isInvitee(log.state, person("kim")), false);
  });

  it("[S8] only the invite they are in by now counts", () => {
    const log = WrittenLog.begun();
    log.invited("i1");
    log.invited("i2");
    log.joined("kim", { inviteId: "i1" });
    log.joined("kim", { inviteId: "i2" });
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "i1" } });
    assert.equal(isInvitee(log.state, person("kim")), true);
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "i2" } });
    assert.equal(isInvitee(log.state, person("kim")), false);
  });

  it("[S9] admits while a use is left, those on their way counted, and who is counted already", () => {
    const log = WrittenLog.begun();
    log.invited("i1", { maxUses: 2 });
    const usable = (userId: string, reserved = 0, now = log.now) =>
      inviteUsable(log.state, log.state.invites.get("i1")!, person(userId), now, reserved);
    log.joined("kim", { inviteId: "i1" });
    assert.deepEqual([usable("lee"), usable("lee", 1), usable("kim", 1)], [true, false, true]);
    log.joined("mo", { inviteId: "i1" });
    assert.deepEqual([usable("lee"), usable("kim")], [false, true]);
    const { expiresAt } = log.state.invites.get("i1")!;
    assert.deepEqual([usable("kim", 0, expiresAt - 1), usable("kim", 0, expiresAt)], [true, false]);
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "i1" } });
    assert.equal(usable("kim"), false);
  });
});

describe("a session's state: copies", () => {
  it("[S10] a clone is equal, shares the items, and goes its own way", () => {
    const log = WrittenLog.begun();
    log.invited("i1", { maxUses: 3 });
    log.joined("kim", { inviteId: "i1" });
    log.command("kim", [["shared/a", "1"]], { result: "1" });
    log.write({ kind: "place", change: { what: "removed", userId: "mo", ban: true } });
    const copy = log.state.clone();
    const text = writeSnapshot(copy).text;
    assert.equal(text, writeSnapshot(log.state).text);
    assert.equal(copy.entries.get("shared/a"), log.state.entries.get("shared/a"));

    log.joined("lee", { inviteId: "i1" });
    log.command("kim", [["shared/a", "2"]]);
    log.write({ kind: "place", change: { what: "removed", userId: "kim", ban: true } });
    log.write({ kind: "status", status: "live", by: "gm", reason: "" }, [{ kind: "session.started", by: "gm" }]);
    assert.equal(writeSnapshot(copy).text, text);
  });

  it("[S10] a clone follows the same records to the same state", () => {
    const log = WrittenLog.begun();
    const copy = log.state.clone();
    log.joined("kim");
    log.command("kim", [["shared/a", "1"]]);
    for (const record of log.records.slice(1)) copy.apply(record);
    assert.equal(writeSnapshot(copy).text, writeSnapshot(log.state).text);
  });
});

describe("what is remembered for those who come back", () => {
  it("[S17] objects are numbered over all lives, from the log alone", () => {
    const log = WrittenLog.begun();
    log.opened("one");
    assert.deepEqual([log.state.firstObjectId, log.state.nextObjectId], [0, 0]);
    log.joined("kim");
    log.command("kim", [
      ["shared/a", "1"],
      ["shared/b", "2"],
    ]);
    log.command("kim", [
      ["shared/a", "3"],
      ["shared/b", null],
    ]);
    log.command("kim", [["shared/b", "4"]]);
    assert.equal(log.state.nextObjectId, 2 + 2 + 0 + 1);
    log.opened("two");
    assert.deepEqual([log.state.firstObjectId, log.state.nextObjectId], [5, 5 + 2 + 2]);
    const { text, sha256 } = writeSnapshot(log.state);
    const read = readSnapshot(text, sha256);
    assert.deepEqual([read.firstObjectId, read.nextObjectId], [5, 9]);
  });

  it("[S18] whether a place was taken from its person, until they have one again", () => {
    const log = WrittenLog.begun();
    const evicted = () => log.state.attendance.get("kim")?.evicted;
    const gone = (change: "left" | "removed", kind: "participant.left" | "participant.removed", data: object) =>
      log.write(
        {
          kind: "place",
          change: change === "left" ? { what: "left", userId: "kim" } : { what: "removed", userId: "kim", ban: false },
        },
        [{ kind, by: change === "left" ? "kim" : "gm", data: { userId: "kim", ...data } }],
      );
    log.joined("kim");
    assert.equal(evicted(), null);
    gone("removed", "participant.removed", {});
    assert.equal(evicted(), "removed");
    log.joined("kim");
    assert.equal(evicted(), null);
    gone("left", "participant.left", { reason: "left" });
    assert.equal(evicted(), null);
    log.joined("kim");
    gone("left", "participant.left", { reason: "access_revoked" });
    assert.equal(evicted(), "access_revoked");
  });
});
