import { type Connection, createConnection, mongo } from "mongoose";
import { CannotOpenData } from "../open-error.ts";
import { isDuplicate, reasonOf } from "./answer.ts";
import { type Models, modelsOn, STORE_FORMAT } from "./models.ts";

/** Where the URI names none. */
const DATABASE = "campaign-live-sessions";

/**
 * How servers say that they know no `hello` or no majority to read from: BadValue, FailedToParse, CommandNotFound,
 * InvalidOptions, NotImplemented, ReadConcernMajorityNotEnabled, CommandNotSupported, or without a code.
 */
const WORDS_UNKNOWN: ReadonlySet<unknown> = new Set([2, 9, 59, 72, 238, 148, 115, undefined]);

/** An open database: the models, and the connection beneath them. */
export interface Database {
  readonly models: Models;
  readonly connection: Connection;
}

/**
 * Connects, makes what is missing of the indexes and checks that they are what the guarantees need.
 * @param forReading nothing is written: what is missing stays so, and no format is raised
 * @throws CannotOpenData: not reachable, written by a newer program, or without the indexes; for reading: nothing there
 */
export async function openDatabase(uri: string, forReading = false): Promise<Database> {
  const connection = createConnection(uri, {
    ...(namesDatabase(uri) ? {} : { dbName: DATABASE }),
    appName: DATABASE,
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    // Time-outs in ms: each well below the 5 s in which a client is promised an answer.
    serverSelectionTimeoutMS: 1_000,
    connectTimeoutMS: 1_500,
    socketTimeoutMS: 5_000,
    waitQueueTimeoutMS: 1_000,
    heartbeatFrequencyMS: 1_000,
    maxPoolSize: 64,
    writeConcern: { w: "majority", journal: true },
    readPreference: "primary",
    // The second of two tries would hide what became of the first: `wasNotDone` could not tell.
    retryWrites: false,
  });
  // A lost connection is told by the calls that need it; without a listener it would be an unhandled error.
  connection.on("error", () => {});
  try {
    await connection.asPromise();
    const models = modelsOn(connection, await readsMajority(connection));
    if (forReading) await checkIsThere(models);
    else {
      await raiseFormat(models);
      await ensureIndexes(models, connection);
    }
    return { models, connection };
  } catch (error) {
    await connection.destroy().catch(() => {});
    throw error instanceof CannotOpenData ? error : new CannotOpenData(`MONGODB_URI: ${reasonOf(error)}`);
  }
}

function namesDatabase(uri: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/.test(uri);
}

/**
 * Whether reads can be asked to be of what a majority holds. A single server has nothing to tell apart, and some
 * servers that speak the protocol do not know the word.
 * @throws what the driver throws where the server cannot say now
 */
export async function readsMajority({ db }: Pick<Connection, "db">): Promise<boolean> {
  try {
    const hello = await db!.command({ hello: 1 });
    if (hello.setName === undefined && hello.msg !== "isdbgrid") return false;
    await db!.command({ find: "facts", limit: 1, readConcern: { level: "majority" } });
    return true;
  } catch (error) {
    // Only a server's word that it knows no such thing counts: one that is in trouble may well know it.
    if (error instanceof mongo.MongoServerError && WORDS_UNKNOWN.has(error.code)) return false;
    throw error;
  }
}

/** Raises the format of an older program's database to ours: from then on that program does not open it any more. */
async function raiseFormat({ facts }: Models): Promise<void> {
  const ask = () =>
    facts.findOneAndUpdate(
      { _id: "format" },
      { $setOnInsert: { value: STORE_FORMAT } },
      { upsert: true, returnDocument: "after", lean: true },
    );
  const found = await ask().catch((error: unknown) => {
    // Another process was first in between: now it is there.
    if (isDuplicate(error)) return ask();
    throw error;
  });
  if (found !== null) checkFormat(found.value);
  // Documents of older formats are read as they are: nothing has to be rewritten.
  await facts.updateOne({ _id: "format", value: { $lt: STORE_FORMAT } }, { $set: { value: STORE_FORMAT } });
}

async function checkIsThere({ facts }: Models): Promise<void> {
  const found = await facts.findById("format").lean().exec();
  if (found === null) throw new CannotOpenData("the database holds no data of this program");
  checkFormat(found.value);
}

function checkFormat(format: number): void {
  if (format <= STORE_FORMAT) return;
  throw new CannotOpenData(
    `the database was written by a newer version of this program (format ${format}; this one knows ${STORE_FORMAT})`,
  );
}

/** @throws CannotOpenData where the server did not make an index as it was asked to */
async function ensureIndexes(models: Models, connection: Connection): Promise<void> {
  for (const model of Object.values(models)) {
    await ensureCollection(model.collection.name, connection);
    if (model.schema.indexes().length === 0) continue;
    await model.createIndexes();
    const [missing] = await missingIndexesOf(model);
    if (missing !== undefined) throw new CannotOpenData(`the database did not make the ${missing}`);
  }
}

/** The indexes that the guarantees rest on and that are not there, or are not what they have to be; in words. */
export async function missingIndexes(models: Models): Promise<string[]> {
  return (await Promise.all(Object.values(models).map(missingIndexesOf))).flat();
}

async function missingIndexesOf(model: Models[keyof Models]): Promise<string[]> {
  const asked = model.schema.indexes();
  if (asked.length === 0) return [];
  const there = await model.collection.indexes();
  const missing = asked.filter(
    ([keys, { unique = false }]) =>
      !there.some((index) => JSON.stringify(index.key) === JSON.stringify(keys) && (index.unique ?? false) === unique),
  );
  return missing.map(([keys, { unique = false }]) => {
    const name = Object.keys(keys).join(", ");
    return `${unique ? "unique " : ""}index (${name}) of ${model.collection.name}`;
  });
}

/** With every collection there from the start, what comes later needs no exclusive lock of the database. */
async function ensureCollection(name: string, { db }: Connection): Promise<void> {
  const isThere = async () => (await db!.listCollections({ name }, { nameOnly: true }).toArray()).length > 0;
  if (await isThere()) return;
  try {
    await db!.createCollection(name);
  } catch (error) {
    // Another process may have made it in between, which not every server says by a code.
    if (!(await isThere())) throw error;
  }
}
