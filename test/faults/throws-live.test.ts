import assert from "node:assert/strict";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import { GM, LiveTable, set, stateOf, Watcher } from "../support/live-table.ts";

/** An observer that fails where it is told to. */
class Failing extends Watcher {
  readonly #where: keyof Watcher;
  constructor(where: "committed" | "peopleChanged" | "evicted" | "closed") {
    super();
    this.#where = where;
    this[where] = (): never => {
      throw new TypeError(`the observer threw in ${this.#where}`);
    };
  }
}

describe("a session whose surroundings fail", () => {
  it("[X12] is closed and can be opened again, though an observer cannot say good-bye", async () => {
    const table = await LiveTable.set();
    const { session } = await table.live();
    session.observe(new Failing("closed"));
    const polite = new Watcher();
    session.observe(polite);
    await session.close("idle");
    assert.deepEqual(polite.closings, ["idle"]);
    assert.notEqual(await table.open(), session);
  });

  for (const where of ["committed", "peopleChanged", "evicted"] as const) {
    it(`[X12] is closed with host_moved when an observer throws in ${where}, and what was stored is there again`, async () => {
      const table = await LiveTable.set();
      const { session, watcher } = await table.live();
      await table.sit(session, "kim");
      session.observe(new Failing(where));
      const reply = await session.desk.submit("kim", set("a", "shared/x", 1));
      if (where === "committed") assert.ok("code" in reply && reply.code === "journal_unavailable");
      const leaving = session.remove("kim", GM, { ban: false, reason: "" }).catch((error: unknown) => error);
      await leaving;
      await session.close("idle");
      assert.deepEqual(watcher.closings, ["host_moved"]);
      const again = await table.open();
      assert.notEqual(again, session);
      assert.equal(again.committed.entries.get("shared/x")?.value, "1");
      assert.equal(again.committed.seq, 1);
    });
  }

  it("[X12] leaves nothing running where opening it fails half-way", async () => {
    const table = await LiveTable.set();
    const { session } = await table.live();
    await table.sit(session, "kim");
    await session.close("idle");
    const pending = table.clock.pending;
    const { stores } = table.start("p1");
    let failures = 1;
    const campaigns = new Proxy(stores.campaigns, {
      get: (target, name) =>
        name === "find" && failures-- > 0
          ? async () => {
              throw new StoreUnavailable("once");
            }
          : Reflect.get(target, name),
    });
    const { hosting } = table.startWith("p1", { campaigns });
    await assert.rejects(hosting.open(table.sessionId), StoreUnavailable);
    assert.equal(table.clock.pending, pending, "no timer of a session that nobody has");
    const opened = await hosting.open(table.sessionId);
    assert.equal(opened.committed.places.has("kim"), true);
  });

  it("[X12] takes a store that throws at once for one whose answer is not known", async () => {
    const table = await LiveTable.set();
    const { stores } = table;
    const append = stores.log.append.bind(stores.log);
    let broken = false;
    const log = new Proxy(stores.log, {
      get: (target, name) =>
        name === "append" && broken
          ? () => {
              throw new TypeError("not even a promise");
            }
          : name === "append"
            ? append
            : Reflect.get(target, name),
    });
    const { hosting } = table.startWith("p2", { log });
    const session = await hosting.open(table.sessionId);
    broken = true;
    await assert.rejects(session.step("start", GM, ""), JournalUnavailable);
    assert.equal(session.open, true);
    broken = false;
    await table.clock.advance(2_000);
    assert.equal(session.committed.status, "live", "recorded after all, once");
    assert.equal(await stateOf(session.step("pause", GM, "")), "resolved");
  });
});
