import type { Stores } from "../../ports/stores.ts";
import { writing } from "./answer.ts";
import { MongoArchive } from "./archive.ts";
import { MongoCampaigns } from "./campaigns.ts";
import { openDatabase } from "./database.ts";
import { MongoLeases } from "./leases.ts";
import { MongoLog } from "./log.ts";
import { MongoSessions } from "./sessions.ts";
import { MongoSnapshots } from "./snapshots.ts";
import { MongoTickets } from "./stream-tickets.ts";

export interface MongoOptions {
  /** `mongodb://` or `mongodb+srv://`; the database is `campaign-live-sessions` where it names none */
  readonly uri: string;
  /** Nothing is written, not even an index that is missing. Default false. */
  readonly forReading?: boolean;
}

/**
 * Opens the stores in MongoDB, or in a server that speaks its protocol. Several processes may share them.
 * @throws CannotOpenData: not reachable, written by a newer program, or without what the guarantees need
 */
export async function openMongoStores({ uri, forReading = false }: MongoOptions): Promise<Stores> {
  const database = await openDatabase(uri, forReading);
  const { models, connection } = database;
  const sessions = new MongoSessions(models);
  const snapshots = new MongoSnapshots(models);
  const log = new MongoLog(database, sessions);
  return {
    log,
    snapshots,
    sessions,
    campaigns: new MongoCampaigns(models, log),
    leases: new MongoLeases(models),
    tickets: new MongoTickets(models),
    archive: new MongoArchive(models, sessions, snapshots),
    backups: null,
    /** A real write: a server that reads but does not write is not ready. */
    async check() {
      await writing(models.facts.updateOne({ _id: "health" }, { $inc: { value: 1 } }, { upsert: true }).exec());
    },
    /** Of its own files a database says nothing: docs/operations.md. */
    async scrub() {},
    async close() {
      await log.close();
      await connection.close();
    },
  };
}
