import assert from "node:assert/strict";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { settled } from "../support/hand-clock.ts";
import { codeOf, GM, LiveTable, seqOf, set, stateOf, type Watcher } from "../support/live-table.ts";

describe("journal", () => {
  let table: LiveTable;
  let session: HostedSession;
  let watcher: Watcher;
  beforeEach(async () => {
    table = await LiveTable.set();
    ({ session, watcher } = await table.live());
    await table.sit(session, "kim");
    // What the join left for the second lane is written, so that every append of a test is its own.
    await table.clock.advance(1_000);
    watcher.seen.length = 0;
  });
  const say = (id: string, path = `shared/${id}`, value: unknown = id) =>
    session.desk.submit("kim", set(id, path, value));
  const shownIds = () =>
    watcher.seen.flatMap(({ content }) => (content.kind === "commands" ? content.commands.map(({ id }) => id) : []));

  describe("[J1] decide, journal, show, acknowledge", () => {
    it("[J1] shows nothing and answers nothing before it is stored; then shows, then answers", async () => {
      const held = table.stores.holdAppend();
      const showing = Promise.withResolvers<void>();
      watcher.showing = showing.promise;
      const answer = Promise.resolve(say("a"));
      await held.arrived;
      assert.equal(await stateOf(answer), "pending");
      assert.deepEqual(shownIds(), []);
      assert.equal(session.committed.seq, 0);
      held.release();
      await settled();
      assert.deepEqual(shownIds(), ["a"]);
      assert.equal(session.committed.seq, 1);
      assert.equal(await stateOf(answer), "pending", "answered before the patch went out");
      showing.resolve();
      assert.deepEqual(await answer, { seq: 1 });
    });

    it("[J1] decides against what is on its way", async () => {
      const first = say("a", "shared/n", 1);
      const second = session.desk.submit("kim", { id: "b", action: "increment", payload: { path: "shared/n", by: 2 } });
      assert.deepEqual([await first, await second], [{ seq: 1 }, { seq: 2, result: 3 }]);
    });

    it("[J1] an id in flight waits for the same answer, and counts once", async () => {
      const held = table.stores.holdAppend();
      const [first, again] = [say("a", "shared/n", 1), say("a", "shared/n", 2)];
      await held.arrived;
      held.release();
      assert.deepEqual([await first, await again], [{ seq: 1 }, { seq: 1, duplicate: true }]);
      assert.equal(session.committed.entries.get("shared/n")?.value, "1");
    });
  });

  describe("[J2] group commit", () => {
    it("[J2] keeps one append under way; what comes meanwhile shares the next, commands in a row one record", async () => {
      const before = table.stores.appends.length;
      const held = table.stores.holdAppend();
      const answers = [say("a")];
      await held.arrived;
      answers.push(say("b"), say("c"));
      const paused = session.update({ title: "Later" }, GM);
      answers.push(say("d"));
      await settled();
      assert.equal(table.stores.appends.length, before + 1, "a second append beside the first");
      held.release();
      assert.deepEqual(await Promise.all(answers.map(seqOf)), [1, 2, 3, 4]);
      assert.equal(await paused, "done");
      const appends = table.stores.appends.slice(before).map((records) => records.map(({ content }) => content.kind));
      assert.deepEqual(appends, [["commands"], ["commands", "settings", "commands"]]);
      assert.deepEqual(shownIds(), ["a", "b", "c", "d"]);
    });

    it("[J2] puts at most 256 commands into a record", async () => {
      const held = table.stores.holdAppend();
      const answers = [say("first")];
      await held.arrived;
      for (let i = 0; i < 300; i++) answers.push(say(`c${i}`, "shared/n", i));
      held.release();
      await Promise.all(answers);
      const sizes = watcher.seen.map(({ content }) => (content.kind === "commands" ? content.commands.length : 0));
      assert.deepEqual(sizes, [1, 256, 44]);
    });
  });

  describe("[J3] nothing is told that a crash could undo", () => {
    it("[J3] a conflict with a value on its way is told when that is stored", async () => {
      const held = table.stores.holdAppend();
      const first = say("a", "shared/n", 1);
      await held.arrived;
      const second = Promise.resolve(
        session.desk.submit("kim", { ...set("b", "shared/n", 2), expect: { "shared/n": 0 } }),
      );
      assert.equal(await stateOf(second), "pending");
      held.release("failed");
      assert.equal(await codeOf(first), "journal_unavailable");
      assert.equal(await codeOf(second), "journal_unavailable");
    });

    it("[J3] a step to where the session is about to be waits for it", async () => {
      const held = table.stores.holdAppend();
      const first = session.step("pause", GM, "");
      const second = session.step("pause", GM, "");
      await held.arrived;
      assert.equal(await stateOf(second), "pending");
      held.release();
      assert.deepEqual([await first, await second], ["done", "unchanged"]);
    });

    it("[J3] a repeated id whose command is stored, but not shown yet, is answered when it is shown", async () => {
      const showing = Promise.withResolvers<void>();
      watcher.showing = showing.promise;
      const first = Promise.resolve(say("a"));
      await settled();
      const again = Promise.resolve(say("a"));
      assert.equal(await stateOf(again), "pending");
      showing.resolve();
      assert.deepEqual([await first, await again], [{ seq: 1 }, { seq: 1, duplicate: true }]);
    });
  });

  describe("[J4] failed for certain", () => {
    it("[J4] tells all who wait, forgets what was decided, and goes on", async () => {
      const held = table.stores.holdAppend();
      const lost = [say("a", "shared/n", 1)];
      await held.arrived;
      lost.push(say("b", "shared/n", 2));
      const pause = assert.rejects(session.step("pause", GM, ""), JournalUnavailable);
      held.release("failed");
      assert.deepEqual(await Promise.all(lost.map(codeOf)), ["journal_unavailable", "journal_unavailable"]);
      await pause;
      assert.deepEqual(shownIds(), []);
      assert.equal(session.committed.entries.get("shared/n"), undefined);
      assert.deepEqual(await say("c", "shared/m", 1), { seq: 1 });
      assert.deepEqual(await say("a", "shared/n", 1), { seq: 2 }, "the id was not remembered");
    });
  });

  describe("[J5] in doubt", () => {
    it("[J5] an unknown outcome that was stored: told, then shown; the id then answers `duplicate`", async () => {
      table.stores.loseAnswer();
      assert.equal(await codeOf(say("a")), "journal_unavailable");
      assert.deepEqual(shownIds(), []);
      await table.clock.advance(2_000);
      assert.deepEqual(shownIds(), ["a"]);
      assert.deepEqual(await say("a"), { seq: 1, duplicate: true });
    });

    it("[J5] an unknown outcome that was not stored: the identical record again, until the store answers", async () => {
      const before = table.stores.appends.length;
      table.stores.goUnknown(false);
      assert.equal(await codeOf(say("a")), "journal_unavailable");
      await table.clock.advance(5_000);
      table.stores.recover();
      await table.clock.advance(2_000);
      const tries = table.stores.appends.slice(before).map((records) => records.map(({ pos, id }) => `${pos} ${id}`));
      assert.ok(tries.length > 4, `${tries.length} tries`);
      for (const one of tries) assert.deepEqual(one, tries[0]);
      assert.deepEqual(shownIds(), ["a"]);
      assert.deepEqual(await say("a"), { seq: 1, duplicate: true });
    });

    it("[J5] a certain no to a later try says nothing of the first", async () => {
      table.stores.loseAnswer();
      assert.equal(await codeOf(say("a")), "journal_unavailable");
      table.stores.goDown();
      await table.clock.advance(2_000);
      assert.equal(await codeOf(say("b")), "journal_unavailable");
      table.stores.recover();
      await table.clock.advance(2_000);
      assert.deepEqual(shownIds(), ["a"]);
      assert.deepEqual(watcher.closings, []);
      assert.deepEqual(await say("b"), { seq: 2 });
    });

    it("[J5] no answer for 3 s: all are told within that time, nothing else is decided", async () => {
      const held = table.stores.holdAppend();
      const waiting = [Promise.resolve(say("a"))];
      await held.arrived;
      waiting.push(Promise.resolve(say("b")));
      await table.clock.advance(2_999);
      assert.equal(await stateOf(waiting[0]!), "pending");
      // The store hangs for everything that comes.
      const second = table.stores.holdAppend();
      const third = table.stores.holdAppend();
      await table.clock.advance(1);
      assert.deepEqual(await Promise.all(waiting.map(codeOf)), ["journal_unavailable", "journal_unavailable"]);
      assert.equal(await codeOf(say("c")), "journal_unavailable");
      await assert.rejects(session.step("pause", GM, ""), JournalUnavailable);
      assert.equal(
        session.reserve(await table.visitor("lee"), 0, () => false),
        "unavailable",
      );
      assert.deepEqual(shownIds(), []);
      held.release();
      second.release();
      third.release();
      await table.clock.advance(0);
      assert.deepEqual(shownIds(), ["a"], "what had only waited behind it is undone");
      assert.deepEqual(await say("a"), { seq: 1, duplicate: true });
      assert.deepEqual(await say("b"), { seq: 2 });
    });

    it("[J5] a call that never answers is not waited for: the identical record is sent again", async () => {
      table.stores.holdAppend();
      const answer = say("a");
      await table.clock.advance(5_000);
      assert.equal(await codeOf(answer), "journal_unavailable");
      assert.deepEqual(shownIds(), ["a"]);
      assert.deepEqual(await say("b"), { seq: 2 });
    });

    it("[J5] a late no to the first try says nothing of the second", async () => {
      const held = table.stores.holdAppend();
      const again = table.stores.holdAppend();
      const answer = say("a");
      await table.clock.advance(4_000);
      assert.equal(await codeOf(answer), "journal_unavailable");
      held.release("failed");
      await settled();
      assert.equal(await codeOf(say("b")), "journal_unavailable", "the second try is still open");
      again.release("stored");
      await table.clock.advance(0);
      assert.deepEqual(shownIds(), ["a"]);
    });

    it("[J5] the row for lists says what the record said, not what was decided after it", async () => {
      const held = table.stores.holdAppend();
      const paused = assert.rejects(session.step("pause", GM, ""), JournalUnavailable);
      await held.arrived;
      const renamed = assert.rejects(session.update({ title: "Never" }, GM), JournalUnavailable);
      held.release("unknown_not_stored");
      await Promise.all([paused, renamed]);
      await table.clock.advance(2_000);
      assert.equal(session.committed.title, "Evening");
      const row = await table.stores.sessions.find(table.sessionId);
      assert.deepEqual([row?.title, row?.status], ["Evening", "paused"]);
    });
  });

  describe("[J7] fenced", () => {
    it("[J7] meets another host's record: closes with host_moved, and shows nothing more", async () => {
      const other = table.start("p2");
      const there = await table.open(other.hosting);
      assert.equal(there.committed.epoch, 2);
      assert.equal(await codeOf(say("a")), "journal_unavailable");
      await settled();
      assert.deepEqual(watcher.closings, ["host_moved"]);
      assert.deepEqual(shownIds(), []);
      assert.equal(table.hosting.running(table.sessionId), undefined);
      assert.equal(await codeOf(say("b")), "journal_unavailable");
      await assert.rejects(session.step("pause", GM, ""), JournalUnavailable);
      assert.equal((await other.stores.leases.find(table.sessionId))?.epoch, 2, "another's lease was released");
    });
  });

  describe("[J8] the second lane", () => {
    const drop = () => session.presence.disconnected("kim", "socket-1");

    it("[J8] travels in the next record", async () => {
      drop();
      await session.update({ title: "Other" }, GM);
      assert.deepEqual(watcher.kinds, ["settings"]);
      assert.deepEqual(
        watcher.seen[0]?.audit.map(({ kind }) => kind),
        ["participant.dropped", "session.updated"],
      );
    });

    it("[J8] or after 1 s in one of its own", async () => {
      drop();
      await table.clock.advance(999);
      assert.deepEqual(watcher.kinds, []);
      await table.clock.advance(1);
      assert.deepEqual(watcher.kinds, ["audit"]);
      assert.deepEqual(
        watcher.seen[0]?.audit.map(({ kind }) => kind),
        ["participant.dropped"],
      );
    });

    it("[J8] outlives a record that failed, and is told once", async () => {
      drop();
      table.stores.failAppend();
      await assert.rejects(session.update({ title: "Other" }, GM), JournalUnavailable);
      table.stores.loseAnswer();
      await table.clock.advance(5_000);
      const dropped = table.events().filter(({ kind }) => kind === "participant.dropped");
      assert.equal(dropped.length, 1);
    });

    it("[J8] counts sockets once, through failures", async () => {
      table.stores.failAppend();
      table.stores.failAppend();
      await table.sit(session, "kim");
      await table.clock.advance(5_000);
      assert.equal(session.committed.attendance.get("kim")?.connections, 2);
    });
  });
});
