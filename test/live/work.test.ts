import assert from "node:assert/strict";
import type { Refusal } from "../../src/core/refusal.ts";
import type { Reply } from "../../src/live/command-desk.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { codeOf, LiveTable, seqOf, set } from "../support/live-table.ts";

/** Values of one entry each, so many of them. */
const entries = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));

describe("work", () => {
  let table: LiveTable;
  let session: HostedSession;
  let ids = 0;

  async function begin(workPerSecond: number): Promise<void> {
    table = await LiveTable.set({ workPerSecond });
    ({ session } = await table.live());
    for (const userId of ["gm", "kim", "lee"]) await table.sit(session, userId);
  }

  afterEach(async () => await table.hosting.stop());

  const ask = (userId: string, path: string, value: unknown, expect?: object) => {
    ids += 1;
    const command = set(`w${ids}`, path, value);
    return session.desk.submit(userId, expect === undefined ? command : { ...command, expect });
  };
  const refusedOf = async (reply: Reply | Promise<Reply>): Promise<Refusal> => {
    const answer = await reply;
    assert.ok("code" in answer, JSON.stringify(answer));
    return answer;
  };

  it("[V32] refuses what is over the budget before it does anything, and says when to ask again", async () => {
    await begin(100);
    await seqOf(ask("kim", "shared/a", entries(300)));
    const refused = await refusedOf(ask("kim", "shared/b", entries(200)));
    assert.deepEqual([refused.code, refused.retryable], ["rate_limited", true]);
    assert.equal(session.committed.entries.size, 300);
    const { retryAfterMs = 0 } = refused;
    assert.ok(retryAfterMs > 900 && retryAfterMs < 1_100, `${retryAfterMs}`);
    await table.clock.advance(retryAfterMs - 10);
    assert.equal(await codeOf(ask("kim", "shared/b", entries(200))), "rate_limited");
    await table.clock.advance(10);
    await seqOf(ask("kim", "shared/b", entries(200)));
    await seqOf(ask("lee", "shared/c", entries(300)));
    assert.equal(session.committed.entries.size, 800);
  });

  it("[V32] counts what is refused for another reason, what is expected, and the half of a batch that is undone", async () => {
    await begin(100);
    const expect = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`shared/x/${i}`, 1]));
    assert.equal(await codeOf(ask("kim", "shared/a", 1, expect)), "conflict");
    assert.equal(await codeOf(ask("kim", "shared/a", 1, expect)), "rate_limited");
    const op = (path: string, count: number) => ({ action: "set", payload: { path, value: entries(count) } });
    const batch = (id: string) => ({
      id,
      action: "batch",
      payload: { ops: [op("shared/a", 250), op("shared/b", 250)] },
    });
    const refused = await refusedOf(session.desk.submit("lee", batch("b1")));
    assert.deepEqual([refused.code, refused.op], ["rate_limited", 1]);
    assert.equal(session.committed.entries.size, 0);
    // What the whole needs is more than any burst: it is had when that is whole again.
    assert.ok((refused.retryAfterMs ?? 0) > 2_400, `${refused.retryAfterMs}`);
    await table.clock.advance(refused.retryAfterMs ?? 0);
    assert.equal(await codeOf(session.desk.submit("lee", batch("b2"))), "rate_limited");
  });

  it("[V32] tells a batch that fits into a burst when all of it will be there", async () => {
    await begin(100);
    await seqOf(ask("lee", "shared/first", entries(250)));
    const op = (path: string, count: number) => ({ action: "set", payload: { path, value: entries(count) } });
    const batch = (id: string) => ({
      id,
      action: "batch",
      payload: { ops: [op("shared/a", 140), op("shared/b", 140)] },
    });
    const refused = await refusedOf(session.desk.submit("lee", batch("b1")));
    assert.deepEqual([refused.code, refused.op], ["rate_limited", 1]);
    await table.clock.advance(refused.retryAfterMs ?? 0);
    await seqOf(session.desk.submit("lee", batch("b2")));
  });

  it("[V32] costs a known id nothing, and coming back gives no new burst", async () => {
    await begin(100);
    await seqOf(session.desk.submit("kim", set("known", "shared/a", entries(390))));
    assert.equal(await codeOf(ask("kim", "shared/b", entries(50))), "rate_limited");
    assert.ok("duplicate" in (await session.desk.submit("kim", set("known", "shared/a", entries(390)))));
    await session.remove("kim", { userId: "gm", name: "Gail", role: "gm", via: "member" }, { ban: false, reason: "" });
    await table.sit(session, "kim");
    assert.equal(await codeOf(ask("kim", "shared/b", entries(50))), "rate_limited");
  });

  it("[V32] 0 is no limit", async () => {
    await begin(0);
    for (let i = 0; i < 5; i++) await seqOf(ask("kim", "shared/a", entries(9_000, i)));
  });
});
