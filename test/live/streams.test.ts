import assert from "node:assert/strict";
import { LiveTable } from "../support/live-table.ts";

describe("the audit of streams", () => {
  async function begin() {
    const table = await LiveTable.set({});
    const { session } = await table.live();
    const sam = { userId: "sam", via: "member" as const };
    const kinds = async () => {
      await table.clock.advance(1_500);
      return table.kindsOf("sam").map((kind) => kind.replace("stream.", ""));
    };
    return { table, session, open: () => session.streamOpened(sam), kinds };
  }

  it("[J28] that somebody reads is told once, however many streams they have, and that they do no more once", async () => {
    const { table, session, open, kinds } = await begin();
    const [first, second] = [open(), open()];
    assert.equal(session.streamsOf("sam"), 2);
    await table.clock.advance(300_000);
    first();
    assert.deepEqual(await kinds(), ["opened"]);
    second();
    second();
    assert.deepEqual([await kinds(), session.streamsOf("sam")], [["opened", "closed"], 0]);
  });

  it("[J28] who opens and closes for ever is told once a minute, and in the end as it is", async () => {
    const { table, session, open, kinds } = await begin();
    for (let n = 0; n < 290; n++) {
      open()();
      await table.clock.advance(1_000);
    }
    const told = await kinds();
    assert.ok(told.length <= 10, told.join());
    const close = open();
    await table.clock.advance(120_000);
    assert.equal((await kinds()).at(-1), "opened", "told when the minute was over");
    close();
    await table.clock.advance(120_000);
    assert.equal((await kinds()).at(-1), "closed");
    assert.equal(session.streamsOf("sam"), 0);
    const all = await kinds();
    assert.deepEqual(
      all,
      all.map((_kind, i) => (i % 2 === 0 ? "opened" : "closed")),
    );
  });

  it("[J28] what is not told yet is told when the session closes, and no timer is left", async () => {
    const { table, session, open, kinds } = await begin();
    open()();
    const close = open();
    assert.deepEqual(await kinds(), ["opened", "closed"]);
    await session.close("server_restarting");
    assert.deepEqual(await kinds(), ["opened", "closed", "opened"]);
    close();
    const { pending } = table.clock;
    await table.clock.advance(600_000);
    assert.ok(table.clock.pending <= pending);
  });
});
