import assert from "node:assert/strict";
import { history } from "../../src/core/attendance.ts";
import { START, WrittenLog } from "../support/written-log.ts";

function personOf(log: WrittenLog, userId: string) {
  const person = history(log.state, log.now).participants.find((one) => one.userId === userId);
  assert.ok(person !== undefined);
  return person;
}

const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

describe("attendance", () => {
  it("[S14] counts from joined to dropped and from reconnected to left, idle included", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.after(10).happened("participant.idle", "kim");
    log.after(10).happened("participant.dropped", "kim");
    log.after(100).happened("participant.reconnected", "kim");
    log
      .after(5)
      .write({ kind: "place", change: { what: "left", userId: "kim" } }, [{ kind: "participant.left", by: "kim" }]);
    log.after(1000);
    assert.deepEqual(personOf(log, "kim"), {
      ...{ userId: "kim", name: "kim!", role: "player", via: "member", connections: 0 },
      ...{ firstJoinedAt: at(0), lastSeenAt: at(125), onlineSeconds: 25 },
    });
  });

  it("[S14] adds up over all places of a person, from the first joining", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log
      .after(7)
      .write({ kind: "place", change: { what: "left", userId: "kim" } }, [{ kind: "participant.left", by: "kim" }]);
    log.after(100).joined("kim", { role: "spectator" });
    log.after(3);
    const { firstJoinedAt, lastSeenAt, onlineSeconds, role } = personOf(log, "kim");
    assert.deepEqual([firstJoinedAt, lastSeenAt, onlineSeconds, role], [at(0), at(110), 10, "spectator"]);
  });

  for (const kind of ["participant.removed", "participant.banned"] as const) {
    it(`[S14] ends with ${kind}, whose actor is the GM`, () => {
      const log = WrittenLog.begun();
      log.joined("gm", { role: "gm" });
      log.joined("kim");
      log.after(4).happened(kind, "gm", { userId: "kim" });
      log.after(100);
      assert.deepEqual([personOf(log, "kim").onlineSeconds, personOf(log, "gm").onlineSeconds], [4, 104]);
    });
  }

  it("[S14] says nothing of people who never had a place", () => {
    const log = WrittenLog.begun();
    log.happened("participant.banned", "gm", { userId: "stranger" });
    log.happened("participant.reconnected", "ghost");
    assert.deepEqual(history(log.state, log.now).participants, []);
  });

  it("[S14] ends for all at the end of the session", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.joined("lee");
    log.after(3).happened("participant.dropped", "lee");
    log
      .after(6)
      .write({ kind: "status", status: "ended", by: "gm", reason: "" }, [{ kind: "session.ended", by: "gm" }]);
    log.after(100);
    assert.deepEqual([personOf(log, "kim").onlineSeconds, personOf(log, "lee").onlineSeconds], [9, 3]);
    assert.equal(personOf(log, "lee").lastSeenAt, at(3));
  });

  for (const form of ["number", "text"] as const) {
    it(`[S14] after a crash counts to data.aliveUntil, a ${form}, and never backwards`, () => {
      const log = WrittenLog.begun();
      log.joined("kim");
      log.after(30).joined("lee");
      const aliveUntil = form === "number" ? START + 20_000 : at(20);
      log.after(500).opened("p2", [{ kind: "session.restored", by: null, data: { aliveUntil } }]);
      log.after(10);
      assert.deepEqual([personOf(log, "kim").onlineSeconds, personOf(log, "kim").lastSeenAt], [20, at(20)]);
      assert.deepEqual([personOf(log, "lee").onlineSeconds, personOf(log, "lee").lastSeenAt], [0, at(30)]);
      log.happened("participant.reconnected", "kim");
      log.after(2);
      assert.equal(personOf(log, "kim").onlineSeconds, 22);
    });
  }

  it("[S14] a second joined or reconnected event does not begin anew", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.after(5).happened("participant.reconnected", "kim");
    log.after(5);
    assert.equal(personOf(log, "kim").onlineSeconds, 10);
  });

  it("[W5] keeps returns and the last drop since the place was taken, for the time after a restart", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.after(5).happened("participant.dropped", "kim");
    log.after(5).happened("participant.reconnected", "kim");
    const { reconnects, droppedAt } = log.state.attendance.get("kim")!;
    assert.deepEqual([reconnects, droppedAt], [1, START + 5000]);
    log.joined("kim");
    assert.equal(log.state.attendance.get("kim")?.reconnects, 0);
  });
});

describe("the history", () => {
  it("[S15] counts live and paused time, what runs included, in whole seconds", () => {
    const log = WrittenLog.begun();
    const figures = () => {
      const { startedAt, endedAt, liveSeconds, pausedSeconds } = history(log.state, log.now);
      return [startedAt, endedAt, liveSeconds, pausedSeconds];
    };
    assert.deepEqual(figures(), [null, null, 0, 0]);
    log.after(10).write({ kind: "status", status: "live", by: "gm", reason: "" });
    log.after(20.9);
    assert.deepEqual(figures(), [at(10), null, 20, 0]);
    log.write({ kind: "status", status: "paused", by: "gm", reason: "" });
    log.after(5);
    assert.deepEqual(figures(), [at(10), null, 20, 5]);
    log.write({ kind: "status", status: "live", by: "gm", reason: "" });
    log.after(1.1).write({ kind: "status", status: "ended", by: "gm", reason: "" });
    log.after(1000);
    assert.deepEqual(figures(), [at(10), at(37), 22, 5]);
  });

  it("[S15] counts sockets over the session's life, and events", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    log.write({ kind: "audit" }, [], { sockets: { kim: 2, stranger: 1 } });
    log.write({ kind: "audit" }, [], { sockets: { kim: 1 } });
    const { participants, events, sessionId } = history(log.state, log.now);
    assert.deepEqual(
      participants.map(({ userId, connections }) => [userId, connections]),
      [["kim", 3]],
    );
    assert.deepEqual([sessionId, events], ["s1", 2]);
  });

  it("[S15] shows a changed role, name and way in", () => {
    const log = WrittenLog.begun();
    log.joined("kim");
    const as = { role: "gm", name: "Kim", via: "member" } as const;
    log.write({ kind: "place", change: { what: "role", userId: "kim", ...as } });
    const { role, name, via } = personOf(log, "kim");
    assert.deepEqual({ role, name, via }, as);
  });
});
