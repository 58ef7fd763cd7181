import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { recordAt } from "../contracts/records.ts";
import { eventually } from "../support/eventually.ts";
import { MongoServer, mongoProgram } from "../support/mongo-server.ts";
import { Ordeal } from "../support/ordeal.ts";
import { ANSWERED_WITHIN_MS } from "../support/ordeal-checks.ts";
import { SmallDisk } from "../support/small-disk.ts";
import { wholeLog } from "../support/whole-log.ts";

const DISK_MIB = 144;
/** what somebody else has on that disk, and removes when it is full */
const FOREIGN_MIB = 48;
const RECORD_BYTES = 200_000;
/** four people, with three commands in flight each */
const IN_ONE_WRITE = 12;

describe("an evening on MongoDB whose disk is full", function () {
  this.timeout(120_000);
  let disk: SmallDisk | undefined;
  let database: MongoServer | undefined;
  before(async function () {
    if (mongoProgram() === undefined) return this.skip(); // the other faults say so, or fail
    const mounted = SmallDisk.mount(DISK_MIB);
    if (typeof mounted === "string") {
      if (process.env.CI === "true") throw new Error(mounted);
      console.log(`      skipped: ${mounted}`);
      return this.skip();
    }
    disk = mounted;
    database = await MongoServer.start(disk.path);
  });
  after(async () => {
    await database?.dispose();
    disk?.dispose();
  });

  // When a write of its log fails, WiredTiger gives up for good: `mongod` ends, `secantusd-rs` answers errors. So whoever
  // looks after it starts it again. And `secantusd-rs` has then said yes to the very write that failed: with the bare
  // driver too. What it lost so is allowed to be missing here, one write at the end, and is counted; nothing else is.
  it("[X46] refuses in time, and goes on with all that the database kept when there is room and it is started again", async () => {
    const [server, folder] = [database!, disk!.path];
    const foreign = join(folder, "foreign");
    await writeFile(foreign, Buffer.alloc(FOREIGN_MIB * 1024 * 1024, 1));
    const uri = server.uri("disk");
    const ordeal = await Ordeal.begin({ name: "disk full", env: { MONGODB_URI: uri } });
    // A table beside it that fills the disk; with stores of its own, but the same database.
    const stores = await openMongoStores({ uri });
    const big = (pos: number) =>
      recordAt(pos, { content: { kind: "opened", process: "x".repeat(RECORD_BYTES) }, sessionId: "big" });
    let acknowledged = 0;
    try {
      await ordeal.play(async () => {
        const append = () =>
          stores.log.append([big(acknowledged + 1)]).then(
            () => true,
            () => false,
          );
        for (let failures = 0; failures < 8; ) {
          if (await append()) [acknowledged, failures] = [acknowledged + 1, 0];
          else failures += 1;
        }
        const refused = () =>
          ordeal.recorder.commands.filter(({ refusals }) =>
            refusals.some(({ code }) => code === "journal_unavailable"),
          );
        await eventually("refused commands", () => refused().length >= 4, 15_000);
        const { recorder, seats } = ordeal;
        assert.ok(recorder.slowestMs < ANSWERED_WITHIN_MS, `somebody waited ${recorder.slowestMs} ms`);
        for (const { userId, closing } of seats.values()) assert.equal(closing, null, `${userId} was put out`);
        await Promise.all([ordeal.server.kill(), server.kill()]);
        await rm(foreign);
        await server.launch();
        await ordeal.server.start();
      });
      const { lost } = await ordeal.judge({ mayLoseTail: true });
      const again = await openMongoStores({ uri });
      const kept = (await wholeLog(again.log, "big")).map(({ pos }) => pos);
      await again.close();
      assert.deepEqual(
        kept,
        kept.map((_, i) => i + 1),
      );
      const missing = Math.max(0, acknowledged - kept.length);
      console.log(`      acknowledged and lost by the database: ${missing} of ${acknowledged} large records`);
      assert.ok(missing <= 1, "only the write on which it gave up");
      assert.ok(lost.commands <= IN_ONE_WRITE, `${lost.commands} commands lost`);
    } finally {
      await stores.close();
      await ordeal.dispose();
    }
  });
});
