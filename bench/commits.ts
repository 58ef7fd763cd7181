/**
 * How fast each store commits, with the policy under which it does; and what the MongoDB store costs over the bare driver
 * that makes the same inserts: one per append, same documents, same indexes, same write concern, in the same run.
 * `npm run bench -- commits [--json] [--seconds 1] [--rounds 3]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createConnection, type mongo } from "mongoose";
import { openMemoryStores } from "../src/stores/memory/stores.ts";
import { documentOf } from "../src/stores/mongo/log-document.ts";
import { openMongoStores } from "../src/stores/mongo/stores.ts";
import { openSqliteStores } from "../src/stores/sqlite/stores.ts";
import { HOW_TO_GET_ONE, MongoServer, mongoProgram } from "../test/support/mongo-server.ts";
import { type Append, type AppendFigures, IN_FLIGHT, measureAppends } from "./appends.ts";
import { median } from "./rounds.ts";

/** A way to commit. `over`: the way that it is compared with. */
interface Way {
  readonly store: string;
  readonly policy: string;
  readonly append: Append;
  readonly over?: string;
}

const DURABLE = { writeConcern: { w: "majority", journal: true } } as const;
const BARE = "bare driver";

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
  },
});
const closers: (() => Promise<unknown>)[] = [];

function memory(): Way {
  const { log } = openMemoryStores();
  return { store: "memory", policy: "none: gone with the process", append: (one) => log.append([one]) };
}

async function sqlite(): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), "bench-commits-"));
  const stores = await openSqliteStores({ folder });
  closers.push(() => stores.close().then(() => rm(folder, { recursive: true })));
  const policy = "write-ahead log, fsync per commit";
  return { store: "SQLite", policy, append: (one) => stores.log.append([one]) };
}

async function mongoWays(): Promise<Way[]> {
  const program = mongoProgram();
  if (program === undefined) {
    console.error(`without MongoDB: it needs ${HOW_TO_GET_ONE}`);
    return [];
  }
  const server = await MongoServer.start();
  const stores = await openMongoStores({ uri: server.uri("bench") });
  const connection = await createConnection(server.uri("bench"), { maxPoolSize: 64 }).asPromise();
  const bare = connection.collection("bare") as unknown as mongo.Collection;
  for (const { key, unique } of await connection.collection("log").indexes()) {
    if (!("_id" in key)) await bare.createIndex(key, { unique: unique ?? false });
  }
  closers.push(async () => {
    await stores.close();
    await connection.close();
    await server.dispose();
  });
  const policy = `w: majority, j: true (${[basename(program.path), ...program.args(0, "").filter((arg) => arg === "--sync-on-commit")].join(" ")})`;
  return [
    { store: BARE, policy, append: (one) => bare.insertOne(documentOf([one]), DURABLE) },
    { store: "MongoDB", policy, append: (one) => stores.log.append([one]), over: BARE },
  ];
}

const rows: Record<string, string | number>[] = [];
try {
  const ways: readonly Way[] = [memory(), await sqlite(), ...(await mongoWays())];
  for (const inFlight of IN_FLIGHT) {
    const measured = new Map<string, AppendFigures[]>(ways.map(({ store }) => [store, []]));
    // Turn by turn, so that what else the machine does meets all alike.
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const { store, append } of ways) {
        const run = `${inFlight}-${round}-${store}`;
        measured.get(store)?.push(await measureAppends(append, { run, inFlight, ms: Number(values.seconds) * 1_000 }));
      }
    }
    const of = (store: string, figure: keyof AppendFigures) =>
      median((measured.get(store) ?? []).map((figures) => figures[figure]));
    for (const { store, policy, over } of ways) {
      rows.push({
        store,
        "fsync policy": policy,
        "in flight": inFlight,
        "commits/s": Math.round(of(store, "perSecond")),
        "p50 ms": Number(of(store, "p50Ms").toFixed(2)),
        "p99 ms": Number(of(store, "p99Ms").toFixed(2)),
        "CPU ms/1000": Number(of(store, "cpuMsPer1000").toFixed(0)),
        "time over bare": over === undefined ? "" : Number((of(over, "perSecond") / of(store, "perSecond")).toFixed(2)),
      });
    }
  }
} finally {
  for (const close of closers) await close();
}
if (values.json) console.log(JSON.stringify(rows));
else console.table(rows);
