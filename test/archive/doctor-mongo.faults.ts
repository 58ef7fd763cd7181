import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { garbled } from "../contracts/under-test.ts";
import { eachTestInDatabase, type MongoDatabases } from "../support/mongo-databases.ts";
import type { Db } from "../support/mongo-server.ts";
import { doctorContract, type Harm } from "./doctors-store.ts";

type WithId = { _id: string };
type Bytes = { bytes: { value(): Uint8Array } };

function harmIn({ inside }: MongoDatabases): Harm {
  const headOf = async (db: Db, sessionId: string, pos: number) => {
    const head = await db.collection("snapshots").findOne({ sessionId, pos });
    return `${head?.saveId}-0`;
  };
  return {
    gap: (sessionId) =>
      inside(async (db) => {
        const { deletedCount } = await db.collection("log").deleteOne({ sessionId, pos: 9, lastPos: 12 });
        assert.equal(deletedCount, 1);
      }),
    garble: (sessionId, pos, where, from, to) =>
      inside(async (db) => {
        if (where === "snapshot") {
          const parts = db.collection<WithId & Bytes>("snapshot_parts");
          const _id = await headOf(db, sessionId, pos);
          const text = Buffer.from((await parts.findOne({ _id }))!.bytes.value()).toString("latin1");
          const bytes = Buffer.from(garbled(text, { from, to }), "latin1");
          await parts.updateOne({ _id }, { $set: { bytes: bytes as never } });
          return;
        }
        const log = db.collection("log");
        const document = (await log.findOne({ sessionId, pos: { $lte: pos }, lastPos: { $gte: pos } }))!;
        const i = pos - document.pos;
        const [field, text] =
          where === "content" ? [`bodies.${i}`, document.bodies[i]] : [`records.${i}.audit`, document.records[i].audit];
        await log.updateOne({ _id: document._id }, { $set: { [field]: garbled(String(text), { from, to }) } });
      }),
    losePart: (sessionId, pos) =>
      inside(async (db) => {
        const _id = await headOf(db, sessionId, pos);
        assert.equal((await db.collection<WithId>("snapshot_parts").deleteOne({ _id })).deletedCount, 1);
      }),
    strayPart: (sessionId) =>
      inside(async (db) => {
        const whole = randomUUID();
        const part = { _id: `${whole}-0`, sessionId, whole, at: Date.now() - 86_400_000, bytes: Buffer.from("x") };
        await db.collection<WithId>("snapshot_parts").insertOne(part);
      }),
    retitle: (sessionId, title) =>
      inside(async (db) => {
        const sessions = db.collection<WithId>("sessions");
        assert.equal((await sessions.updateOne({ _id: sessionId }, { $set: { title } })).modifiedCount, 1);
      }),
    loseLookup: (hash) =>
      inside(async (db) => {
        assert.equal((await db.collection<WithId>("invites").deleteOne({ _id: hash })).deletedCount, 1);
      }),
    addLookup: (hash, sessionId) =>
      inside(async (db) => {
        await db.collection<WithId & { sessionId: string }>("invites").insertOne({ _id: hash, sessionId });
      }),
    loseCampaign: (campaignId) =>
      inside(async (db) => {
        assert.equal((await db.collection<WithId>("campaigns").deleteOne({ _id: campaignId })).deletedCount, 1);
      }),
  };
}

describe("doctor in MongoDB", () => {
  const databases = eachTestInDatabase();
  doctorContract("MongoDB", async () => ({
    env: { MONGODB_URI: databases.uri() },
    open: () => openMongoStores({ uri: databases.uri() }),
    dump: () =>
      databases.inside(async (db) => {
        const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
        return Promise.all(
          names.map(async (name) => ({
            name,
            documents: await db.collection(name).find().sort({ _id: 1 }).toArray(),
            indexes: await db.collection(name).indexes(),
          })),
        );
      }),
    harm: harmIn(databases),
    dispose: async () => {},
  }));
});
