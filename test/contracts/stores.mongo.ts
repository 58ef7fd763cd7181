import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { type Db, dropDatabase, inDatabase, withDatabase } from "../support/mongo-server.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { storesContract } from "./all.ts";
import { type Garbling, garbled, type OpenStores, type StoresUnderTest } from "./under-test.ts";

/** A database of its own on a server that is there already. */
function mongo(uriOf: (database: string) => string): OpenStores {
  return async () => {
    const uri = uriOf(`contract-${process.pid}-${count++}`);
    const underTest: StoresUnderTest = {
      stores: await openMongoStores({ uri }),
      async reopen() {
        await underTest.stores.close();
        underTest.stores = await openMongoStores({ uri });
        return underTest.stores;
      },
      async losePart(sessionId, pos) {
        await inDatabase(uri, async (db) => {
          const head = await db.collection("snapshots").findOne({ sessionId, pos });
          const lost = await db.collection("snapshot_parts").deleteOne({ whole: head?.saveId });
          if (lost.deletedCount !== 1) throw new Error("There was no such part.");
        });
      },
      async garble(garbling) {
        await inDatabase(uri, (db) => garbleIn(db, garbling));
      },
      async dispose() {
        await underTest.stores.close();
        await dropDatabase(uri);
      },
    };
    return underTest;
  };
}

let count = 0;

async function garbleIn(db: Db, { sessionId, pos, where, ...change }: Garbling): Promise<void> {
  if (where === "snapshot") {
    const head = await db.collection("snapshots").findOne({ sessionId, pos });
    return garblePart(db, `${head?.saveId}-0`, "snapshot_parts", change);
  }
  const log = db.collection("log");
  const document = (await log.findOne({ sessionId, pos: { $lte: pos }, lastPos: { $gte: pos } }))!;
  if (where === "content" && document.parts !== undefined) {
    return garblePart(db, `${document._id}-${document.parts - 1}`, "log_parts", change);
  }
  const i = pos - Number(document.pos);
  const [field, text] =
    where === "content" ? [`bodies.${i}`, document.bodies[i]] : [`records.${i}.${where}`, document.records[i][where]];
  const changed = garbled(String(text), change);
  await log.updateOne({ _id: document._id }, { $set: { [field]: where === "at" ? Number(changed) : changed } });
}

async function garblePart(
  db: Db,
  id: string,
  collection: string,
  change: Pick<Garbling, "from" | "to">,
): Promise<void> {
  const parts = db.collection<{ _id: string; bytes: { value(): Uint8Array } | Uint8Array }>(collection);
  const found = await parts.findOne({ _id: id }, { promoteBuffers: true });
  const bytes = Buffer.from(garbled(Buffer.from(found?.bytes as Uint8Array).toString("latin1"), change), "latin1");
  await parts.updateOne({ _id: id }, { $set: { bytes } });
}

describe("MongoDB stores", () => {
  const configured = process.env.MONGODB_URI;
  if (configured !== undefined && configured !== "") {
    storesContract(
      "MongoDB",
      mongo((database) => withDatabase(configured, database)),
    );
  } else {
    const server = ownMongo();
    storesContract(
      "MongoDB",
      mongo((database) => server().uri(database)),
    );
  }
});
