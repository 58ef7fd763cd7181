import assert from "node:assert/strict";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { keptOf } from "./archive.ts";
import { accessRows, commandsAt, recordAt, sessionRow } from "./records.ts";

const AN_HOUR_AND_A_BIT_MS = 3_700_000;

describe("archive: a MongoDB database that is not well", function () {
  this.timeout(20_000);
  const { open, inside } = eachTestInDatabase();

  it("[E7] says which index is missing, and which is not what it has to be", async () => {
    const { archive } = await open();
    await inside(async (db) => {
      await db.collection("log").dropIndex("sessionId_1_pos_1");
      await db.collection("log").createIndex({ sessionId: 1, pos: 1 });
      await db.collection("invites").dropIndex("sessionId_1");
    });
    assert.deepEqual((await archive.faults()).sort(), [
      "there is no index (sessionId) of invites",
      "there is no unique index (sessionId, pos) of log",
    ]);
  });

  it("[E7] says which positions two documents hold", async () => {
    const { archive, log } = await open();
    await log.append([recordAt(1), recordAt(2), recordAt(3)]);
    await log.append([recordAt(1, { sessionId: "s2" })]);
    await inside(async (db) => {
      const { _id, records, ...document } = (await db.collection("log").findOne({ sessionId: "s1" }))!;
      await db.collection("log").insertOne({ ...document, records: records.slice(1), pos: 2 } as never);
    });
    assert.deepEqual(await archive.faults(), ["two documents of the log of s1 hold position 2"]);
  });

  it("[E7] counts and drops the parts of what was never finished, and none of what is there or under way", async () => {
    const { archive, log, snapshots } = await open();
    const large = recordAt(1, { content: { kind: "opened", process: "x".repeat(7 * 1024 * 1024) } });
    await log.append([large]);
    await snapshots.save({ sessionId: "s1", pos: 1, sha256: "00", text: "{}" });
    await inside(async (db) => {
      const at = Date.now() - AN_HOUR_AND_A_BIT_MS;
      await db.collection("log_parts").updateMany({}, { $set: { at } });
      await db.collection("snapshot_parts").updateMany({}, { $set: { at } });
      const part = (whole: string, when: number) =>
        ({ _id: `${whole}-0`, sessionId: "s1", whole, at: when, bytes: Buffer.from("x") }) as never;
      await db.collection("log_parts").insertOne(part("65f000000000000000000001", at));
      await db.collection("log_parts").insertOne(part("65f000000000000000000002", Date.now()));
      await db.collection("snapshot_parts").insertMany([part("cut-off", at), part("another", at)]);
      await db.collection("snapshot_parts").insertOne(part("under-way", Date.now()));
    });
    assert.deepEqual(await archive.leftovers(), [
      { what: "parts of snapshots that were never finished", count: 2 },
      { what: "parts of records that were never stored", count: 1 },
    ]);
    await archive.dropLeftovers();
    assert.deepEqual(await archive.leftovers(), []);
    assert.deepEqual(await log.read("s1", 0, 1), [large]);
    assert.equal((await snapshots.load("s1", 1))?.text, "{}");
    await inside(async (db) => {
      assert.equal(await db.collection("snapshot_parts").countDocuments({ whole: "under-way" }), 1);
      assert.equal(await db.collection("log_parts").countDocuments({ whole: "65f000000000000000000002" }), 1);
    });
  });

  it("[E2] tells of records whose parts are gone, of a newer format, or fewer than their document says", async () => {
    const { archive, log } = await open();
    await log.append([recordAt(1, { content: { kind: "opened", process: "x".repeat(7 * 1024 * 1024) } })]);
    await log.append([recordAt(2)]);
    await log.append([recordAt(3)]);
    await log.append([commandsAt(4, [1]), recordAt(5)]);
    await log.append([recordAt(6)]);
    await inside(async (db) => {
      await db.collection("log_parts").deleteOne({});
      await db.collection("log").updateOne({ pos: 3 }, { $set: { v: 99 } });
      await db.collection("log").updateOne({ pos: 4 }, { $pop: { records: 1 } as never });
    });
    // The first one is large: a page of its own, or the end of one.
    const first = await archive.records("s1", 0, 10);
    assert.deepEqual(
      [...first, ...(await archive.records("s1", first.at(-1)!.pos, 10))],
      [
        { pos: 1, damage: "the record of s1 at 1 has lost parts of its content" },
        keptOf(recordAt(2)),
        { pos: 3, damage: "the record of s1 at 3 is of format 99; this program knows 2" },
        { pos: 4, damage: "the record of s1 at 4 stands in a document that does not hold what its positions say" },
        keptOf(recordAt(6)),
      ],
    );
  });

  it("[E4] gives each position once when two put the same records, and other ones, at the same time", async () => {
    const [a, b] = [await open(), await open()];
    const kept = Array.from({ length: 30 }, (_, i) => keptOf(recordAt(i + 1), i < 10));
    const put = async ({ archive }: typeof a) => {
      for (let from = 0; from < kept.length; from += 7) await archive.putRecords("s1", kept.slice(from, from + 7));
    };
    await Promise.all([put(a), put(b), put(a)]);
    assert.deepEqual(await b.archive.records("s1", 0, 100), kept);
    assert.deepEqual(await b.archive.faults(), []);
    await a.archive.project("s1", sessionRow("s1"), accessRows({ invites: ["h1"] }), 30);
    await b.log.append([recordAt(31)], { row: sessionRow("s1", { title: "later" }) });
    assert.equal((await a.sessions.find("s1"))?.title, "later");
  });
});
