import { createConnection } from "mongoose";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { HOW_TO_GET_ONE, MongoServer, mongoProgram } from "../support/mongo-server.ts";
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
        await onDatabase(uri, async (db) => {
          const head = await db.collection("snapshots").findOne({ sessionId, pos });
          const lost = await db.collection("snapshot_parts").deleteOne({ whole: head?.saveId });
          if (lost.deletedCount !== 1) throw new Error("There was no such part.");
        });
      },
      async dispose() {
        await underTest.stores.close();
        await onDatabase(uri, (db) => db.dropDatabase());
      },
    };
    return underTest;
  };
}

let count = 0;

type Db = NonNullable<ReturnType<typeof createConnection>["db"]>;

async function onDatabase(uri: string, work: (db: Db) => Promise<unknown>): Promise<void> {
  const connection = await createConnection(uri).asPromise();
  try {
    await work(connection.db!);
  } finally {
    await connection.close();
  }
}

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

function withDatabase(uri: string, database: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);
}
