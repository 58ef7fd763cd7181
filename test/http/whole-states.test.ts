import assert from "node:assert/strict";
import type { Role } from "../../src/core/session.ts";
import { MOST_WAITING_PER_PERSON } from "../../src/http/state-answers.ts";
import { ShownSession } from "../../src/http/stream/shown-session.ts";
import { viewerOf, WholeStates } from "../../src/http/whole-states.ts";
import { HandClock, settled } from "../support/hand-clock.ts";
import { WrittenLog } from "../support/written-log.ts";

function written(): WrittenLog {
  const log = WrittenLog.begun();
  log.opened("p1");
  log.write({ kind: "status", status: "live", by: "gm", reason: "" }, [{ kind: "session.started", by: "gm" }]);
  for (const userId of ["kim", "lee", "sam"]) log.joined(userId);
  log.command("gm", [
    ["shared/a", "1"],
    ["gm/plan", '"x"'],
    ["private/kim/secret", "2"],
  ]);
  return log;
}

const reader = (userId: string, role: Role = "player") => ({ userId, role });
const always = () => true;

describe("whole states", () => {
  it("[H122] one at one `seq` is encoded once for all who see the same of it", async () => {
    const log = written();
    const states = new WholeStates(new HandClock());
    const answer = async (userId: string, role?: Role) => await states.answer(log.state, reader(userId, role), always);
    const lee = await answer("lee");
    assert.equal(await answer("sam", "spectator"), lee);
    const gm = await answer("gm", "gm");
    assert.equal(await answer("gm2", "gm"), gm);
    const kim = await answer("kim");
    assert.equal(await answer("kim"), kim);
    assert.equal(new Set([lee, gm, kim]).size, 3);
    const seen = [lee, gm, kim].map((bytes) => JSON.parse(String(bytes)).hidden);
    const secret = { value: "2", version: 1, by: "gm" };
    assert.deepEqual(seen, [
      {},
      { "gm/plan": { value: '"x"', version: 1, by: "gm" }, "private/kim/secret": secret },
      { "private/kim/secret": secret },
    ]);
    log.command("gm", [["shared/a", "3"]]);
    const later = await answer("lee");
    assert.notEqual(later, lee);
    assert.equal(JSON.parse(String(later)).entries["shared/a"].value, "3");
  });

  it("[H122] is kept for 5 s after it was last asked for, and not beyond 24 MiB", async () => {
    const clock = new HandClock();
    const states = new WholeStates(clock);
    let encoded = 0;
    const ask = (of: object, mebibytes = 1) =>
      states.encoded(of, "\nall", "1", () => {
        encoded++;
        return Buffer.alloc(mebibytes * 1024 * 1024);
      });
    const session = {};
    ask(session);
    await clock.advance(4_000);
    ask(session);
    await clock.advance(4_999);
    assert.equal(encoded, 1);
    ask(session);
    assert.equal(encoded, 1);
    await clock.advance(5_001);
    assert.equal(clock.pending, 0);
    ask(session);
    assert.equal(encoded, 2);
    for (let n = 0; n < 3; n++) ask({}, 8);
    ask(session);
    assert.equal(encoded, 6);
  });

  it("[H122] a snapshot of a stream is another one when anything that it shows has changed", () => {
    const log = written();
    const presence = { of: () => undefined };
    const shown = new ShownSession({ committed: log.state, presence });
    const states = new WholeStates(new HandClock());
    const snapshot = (userId: string, role: Role = "player") => {
      const who = reader(userId, role);
      return states.encoded(shown, viewerOf(who, log.state), shown.version, () => shown.snapshot(who));
    };
    const lee = snapshot("lee");
    shown.news();
    assert.equal(snapshot("sam", "spectator"), lee);
    assert.notEqual(snapshot("gm", "gm"), lee);
    log.write({ kind: "settings", title: "Second" }, [{ kind: "session.updated", by: "gm" }]);
    shown.news();
    const second = snapshot("lee");
    assert.match(String(second), /"title":"Second"/);
    log.command("gm", [["private/lee/note", "1"]]);
    shown.pathChanged("private/lee/note");
    shown.news();
    assert.match(String(snapshot("lee")), /private\/lee\/note/);
    assert.doesNotMatch(String(snapshot("sam")), /private/);
  });

  it("[H123] encoding them takes a quarter of the time of this process, streams included, and who asks in vain costs nothing", async () => {
    let spent = 0;
    const clock = new (class extends HandClock {
      override steady(): number {
        return super.steady() + spent;
      }
    })();
    const states = new WholeStates(clock);
    const log = written();
    const done: string[] = [];
    /** Each costs 40 ms. */
    const letIn = (name: string) => () => {
      spent += 40;
      done.push(name);
    };
    const [one, two] = [states.entrance<string>(clock, () => {}), states.entrance<string>(clock, () => {})];
    one.take("a", letIn("a"));
    two.take("b", letIn("b"));
    const mayEncode = () => {
      letIn("state")();
      return true;
    };
    const answer = states.answer(log.state, reader("lee"), mayEncode);
    await settled();
    assert.deepEqual(done, ["a"]);
    await clock.advance(119);
    assert.deepEqual(done, ["a"]);
    await clock.advance(1);
    assert.equal(done.length, 2);
    await clock.advance(1_000);
    await answer;
    assert.deepEqual(done.toSorted(), ["a", "b", "state"]);
    await clock.advance(1_000);
    const refused = states.answer(log.state, reader("lee"), () => false);
    await clock.advance(10_000);
    assert.equal(await refused, undefined);
  });

  it("[H123] answers come one after the other, of one person few wait, and small ones need no rest", async () => {
    const clock = new HandClock();
    const states = new WholeStates(clock);
    const log = written();
    const told: string[] = [];
    const ask = (userId: string) =>
      states.answer(log.state, reader(userId), always).then((bytes) => told.push(`${userId} ${bytes !== undefined}`));
    const many = MOST_WAITING_PER_PERSON + 2;
    const all = [...Array.from({ length: many }, () => ask("sam")), ask("lee")];
    await settled();
    assert.ok(told.filter((one) => one === "sam true").length < 4, "not all in one turn of the loop");
    await Promise.all(all);
    const sams = Array.from({ length: many }, (_, i) => `sam ${i >= 2}`);
    assert.deepEqual(told.toSorted(), ["lee true", ...sams].toSorted());
    assert.equal(clock.pending <= 1, true, "no rest");
  });
});
