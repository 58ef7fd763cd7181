import assert from "node:assert/strict";
import { PositionTaken, StoreUnavailable } from "../../src/ports/failures.ts";
import { eventually, pause } from "../support/eventually.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { TcpProxy } from "../support/proxy.ts";
import { wholeLog } from "../support/whole-log.ts";
import { accessRows, commandsAt, eventNumber, recordAt, sessionRow } from "./records.ts";

/** Contract: a command that cannot be stored is refused within 5 s. The store leaves the rest to others. */
const ANSWERED_WITHIN_MS = 3_500;

/** What an append came to, and how long it took. */
async function outcomeOf(append: Promise<void>): Promise<{ readonly name: string; readonly ms: number }> {
  const from = performance.now();
  const name = await append.then(
    () => "stored",
    (error: Error) => error.name,
  );
  return { name, ms: performance.now() - from };
}

describe("MongoDB stores and the world", function () {
  // Databases are started, killed and stopped here, and time-outs waited for.
  this.timeout(60_000);
  const databases = eachTestInDatabase();
  const { open } = databases;

  it("[L13] loses nothing that it acknowledged, over 6 kills of the database", async () => {
    const SESSIONS = 8;
    const stores = await open();
    const acknowledged = Array.from({ length: SESSIONS }, () => 0);
    const refusals = new Map<string, number>();
    let isOver = false;
    const writers = acknowledged.map(async (_, i) => {
      const sessionId = `session-${i}`;
      while (!isOver) {
        const pos = acknowledged[i]! + 1;
        const record = commandsAt(pos, [pos], { sessionId, audit: [eventNumber(pos)] });
        const { name, ms } = await outcomeOf(stores.log.append([record]));
        assert.ok(ms < ANSWERED_WITHIN_MS, `${name} after ${ms} ms`);
        if (name === "stored") acknowledged[i] = pos;
        else {
          assert.match(name, /^(StoreUnavailable|OutcomeUnknown)$/);
          refusals.set(name, (refusals.get(name) ?? 0) + 1);
          await pause(20);
        }
      }
    });
    for (let kill = 0; kill < 6; kill++) {
      const goal = acknowledged.map((pos) => pos + 10 + 7 * kill);
      await eventually("writers that go on", () => acknowledged.every((pos, i) => pos > goal[i]!), 10_000);
      await databases.server.kill();
      await databases.server.launch();
    }
    await eventually("an append after the last kill", () => stores.check().then(() => true), 10_000);
    isOver = true;
    await Promise.all(writers);
    assert.ok(refusals.size > 0, "no kill was noticed");
    const again = await open();
    for (const [i, pos] of acknowledged.entries()) {
      const kept = await wholeLog(again.log, `session-${i}`);
      assert.deepEqual(
        kept.map((record) => record.id),
        Array.from({ length: kept.length }, (_, k) => `w-${k + 1}`),
      );
      assert.ok(kept.length >= pos, `session-${i} has ${kept.length} of ${pos}`);
      assert.equal((await again.log.events(`session-${i}`, 0, 100_000)).length, kept.length);
    }
  });

  it("[L13] is not available while there is no database, for certain, and goes on by itself", async () => {
    const stores = await open();
    await stores.log.append([recordAt(1)]);
    await databases.server.kill();
    try {
      // The first call may still find a connection that it takes for good.
      await outcomeOf(stores.log.append([recordAt(2)]));
      const { name, ms } = await outcomeOf(stores.log.append([recordAt(2)]));
      assert.equal(name, "StoreUnavailable");
      assert.ok(ms < ANSWERED_WITHIN_MS);
      const calls = [stores.log.read("s1", 0, 10), stores.sessions.find("s1"), stores.check()];
      for (const call of calls) call.catch(() => undefined);
      for (const call of calls) await assert.rejects(call, StoreUnavailable);
    } finally {
      await databases.server.launch();
    }
    await eventually(
      "the store",
      async () => (await outcomeOf(stores.log.append([recordAt(2)]))).name === "stored",
      5_000,
    );
    assert.equal((await stores.log.read("s1", 0, 10)).length, 2);
  });

  it("[L13] answers while the database is stopped, and settles what was in doubt when it goes on", async () => {
    const stores = await open();
    await stores.log.append([recordAt(1)]);
    databases.server.freeze();
    try {
      // Wave after wave, so that some are on their way, and some wait for their turn behind them.
      const waves = [outcomeOf(stores.log.append([recordAt(2)]))];
      for (let wave = 0; wave < 12; wave++) {
        await pause(100);
        waves.push(outcomeOf(stores.log.append([recordAt(1, { sessionId: `wave-${wave}` })])));
      }
      const outcomes = await Promise.all(waves);
      for (const { name, ms } of outcomes) {
        assert.match(name, /^(OutcomeUnknown|StoreUnavailable)$/);
        assert.ok(ms < ANSWERED_WITHIN_MS, `${name} after ${ms} ms`);
      }
      assert.equal(outcomes[0]?.name, "OutcomeUnknown");
      const from = performance.now();
      await assert.rejects(stores.log.read("s1", 0, 10), StoreUnavailable);
      assert.ok(performance.now() - from < ANSWERED_WITHIN_MS);
    } finally {
      databases.server.thaw();
    }
    const settled = async () => (await outcomeOf(stores.log.append([recordAt(2)]))).name === "stored";
    await eventually("the identical append to be stored", settled, 5_000);
    await assert.rejects(stores.log.append([recordAt(2, { writer: "other" })]), PositionTaken);
    assert.deepEqual(
      (await stores.log.read("s1", 0, 10)).map((record) => record.id),
      ["w-1", "w-2"],
    );
  });

  it("[L13] says that it does not know when the answer is lost, and the identical append settles it", async () => {
    const proxy = await TcpProxy.to(databases.server.port);
    try {
      const [direct, stores] = [await open(), await open(proxy.port)];
      await stores.log.append([recordAt(1)]);
      for (let pos = 2; pos <= 6; pos += 2) {
        proxy.mute();
        const call = [recordAt(pos, { audit: [eventNumber(pos)] }), recordAt(pos + 1)];
        const outcome = outcomeOf(stores.log.append(call));
        await eventually("the record", async () => (await direct.log.read("s1", pos - 1, 1)).length === 1);
        proxy.cut();
        assert.equal((await outcome).name, "OutcomeUnknown");
        await eventually(
          "the same again",
          async () => (await outcomeOf(stores.log.append(call))).name === "stored",
          5_000,
        );
        assert.equal((await direct.log.read("s1", 0, 100)).length, pos + 1);
        assert.equal((await direct.log.events("s1", 0, 100)).length, pos / 2);
      }
      const after = await outcomeOf(stores.log.append([recordAt(7, { writer: "other" })]));
      assert.equal(after.name, "PositionTaken");
    } finally {
      await databases.closeAll();
      await proxy.close();
    }
  });

  it("[L13] puts the row and the invites of an append whose answer was lost", async () => {
    const proxy = await TcpProxy.to(databases.server.port);
    try {
      const [direct, stores] = [await open(), await open(proxy.port)];
      const append = () =>
        stores.log.append([recordAt(1)], { row: sessionRow("s1"), access: accessRows({ invites: ["h"] }) });
      // What is projected from a record comes after it: the record is there, its answer is lost, and so the rest is not.
      proxy.mute();
      const outcome = outcomeOf(append());
      await eventually("the record", async () => (await direct.log.end("s1")) === 1);
      assert.equal(await direct.sessions.findByInvite("h"), undefined);
      proxy.cut();
      assert.notEqual((await outcome).name, "stored");
      await eventually("the same again", async () => (await outcomeOf(append())).name === "stored", 5_000);
      assert.deepEqual(await direct.sessions.find("s1"), sessionRow("s1"));
      assert.equal(await direct.sessions.findByInvite("h"), "s1");
    } finally {
      await databases.closeAll();
      await proxy.close();
    }
  });
});
