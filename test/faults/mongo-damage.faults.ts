import assert from "node:assert/strict";
import { mongo } from "mongoose";
import { eventually } from "../support/eventually.ts";
import { type Db, inDatabase } from "../support/mongo-server.ts";
import { Ordeal } from "../support/ordeal.ts";
import { goesOn } from "../support/ordeal-checks.ts";
import { ownMongo } from "../support/own-mongo.ts";

interface PartDocument {
  readonly _id: string;
  readonly bytes: mongo.Binary;
}

/** Positions of a session's stored snapshots, the newest first. */
async function snapshotsOf(db: Db, sessionId: string): Promise<number[]> {
  const heads = await db.collection("snapshots").find({ sessionId }).sort({ pos: -1 }).toArray();
  return heads.map(({ pos }) => pos as number);
}

/** Flips a bit in the middle of a snapshot. */
async function spoil(db: Db, sessionId: string, pos: number): Promise<void> {
  const head = await db.collection("snapshots").findOne({ sessionId, pos });
  const parts = db.collection<PartDocument>("snapshot_parts");
  const part = await parts.findOne({ _id: `${head?.saveId}-0` });
  assert.ok(part, "a snapshot has a part");
  const bytes = Buffer.from(part.bytes.value());
  bytes[bytes.length >> 1]! ^= 1;
  await parts.updateOne({ _id: part._id }, { $set: { bytes: new mongo.Binary(bytes) } });
}

describe("an evening on MongoDB whose newest snapshot is spoilt", function () {
  this.timeout(60_000);
  const database = ownMongo();

  it("[X45] is restored from the snapshot before and the log; the damage is named in the log", async () => {
    const uri = database().uri("damage");
    const env = { MONGODB_URI: uri };
    const ordeal = await Ordeal.begin({ name: "snapshot spoilt", env, settings: { snapshotEvery: 1 } });
    try {
      const { server, evening } = ordeal;
      const { sessionId } = evening;
      for (let time = 0; time < 3; time += 1) {
        let spoilt = 0;
        await ordeal.play(async () => {
          const before = (await inDatabase(uri, (db) => snapshotsOf(db, sessionId)))[0] ?? 0;
          const two = async () => {
            const positions = await inDatabase(uri, (db) => snapshotsOf(db, sessionId));
            return positions.length >= 2 && positions.at(-1)! > before;
          };
          await eventually("two new snapshots", two, 10_000);
          await goesOn(ordeal);
          await server.kill();
          await inDatabase(uri, async (db) => {
            spoilt = (await snapshotsOf(db, sessionId))[0]!;
            await spoil(db, sessionId, spoilt);
          });
          await server.start();
        });
        await ordeal.sitDown();
        assert.match(server.log, new RegExp(`snapshot of session ${sessionId} at position ${spoilt}: `));
      }
      await ordeal.judge();
      assert.match(server.log, /stored data damaged/);
    } finally {
      await ordeal.dispose();
    }
  });
});
