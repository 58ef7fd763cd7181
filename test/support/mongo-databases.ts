import type { Stores } from "../../src/ports/stores.ts";
import { openMongoStores } from "../../src/stores/mongo/stores.ts";
import { type Db, inDatabase, type MongoServer } from "./mongo-server.ts";
import { ownMongo } from "./own-mongo.ts";

/** A database server for the tests of one `describe`, and a database of its own for each of them. */
export interface MongoDatabases {
  readonly server: MongoServer;
  /** of this test's database. @param port of a proxy before the server; its own where none is given */
  uri(port?: number): string;
  /** Opens stores on it, as a process does; they are closed after the test. */
  open(port?: number): Promise<Stores>;
  /** Closes what was opened so far. */
  closeAll(): Promise<void>;
  /** Another database from here on. */
  next(): void;
  /** Looks at, or changes, what is stored, behind the stores' back. */
  inside<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

/** To be called in a `describe`; as `ownMongo` where there is no server to be had. */
export function eachTestInDatabase(): MongoDatabases {
  const server = ownMongo();
  let database = 0;
  const opened: Stores[] = [];
  const databases: MongoDatabases = {
    get server() {
      return server();
    },
    uri: (port) => server().uri(`test-${database}`, port),
    async open(port) {
      const stores = await openMongoStores({ uri: databases.uri(port) });
      opened.push(stores);
      return stores;
    },
    async closeAll() {
      for (const stores of opened.splice(0)) await stores.close();
    },
    next() {
      database++;
    },
    inside: (work) => inDatabase(databases.uri(), work),
  };
  beforeEach(() => databases.next());
  afterEach(() => databases.closeAll());
  return databases;
}
