import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import {
  dropDatabase,
  HOW_TO_GET_ONE,
  inDatabase,
  MongoServer,
  mongoProgram,
  withDatabase,
} from "../support/mongo-server.ts";
import { storesContract } from "./all.ts";
import type { OpenStores, StoresUnderTest } from "./under-test.ts";

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
      async dispose() {
        await underTest.stores.close();
        await dropDatabase(uri);
      },
    };
    return underTest;
  };
}

let count = 0;

describe("MongoDB stores", () => {
  const configured = process.env.MONGODB_URI;
  if (configured !== undefined && configured !== "") {
    storesContract(
      "MongoDB",
      mongo((database) => withDatabase(configured, database)),
    );
  } else if (mongoProgram() !== undefined) {
    let server: MongoServer;
    before(async function () {
      this.timeout(20_000);
      server = await MongoServer.start();
    });
    after(() => server.dispose());
    storesContract(
      "MongoDB",
      mongo((database) => server.uri(database)),
    );
  } else {
    it(HOW_TO_GET_ONE, function () {
      if (process.env.CI === "true") throw new Error("A server of the MongoDB protocol is required in CI.");
      this.skip();
    });
  }
});
