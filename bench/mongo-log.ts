/**
 * What the MongoDB store costs over the bare driver that makes the same inserts: same documents, same indexes, same write
 * concern, one database server of its own. `node bench/mongo-log.ts [--json] [--seconds 1.5] [--rounds 3]`
 */
import { parseArgs } from "node:util";
import { createConnection, type mongo } from "mongoose";
import { type LogRecord, RECORD_FORMAT } from "../src/core/record.ts";
import { documentOf } from "../src/stores/mongo/log-document.ts";
import { openMongoStores } from "../src/stores/mongo/stores.ts";
import { MongoServer } from "../test/support/mongo-server.ts";

const SESSIONS = 50;
const IN_FLIGHT = [1, 8, 64, 512];
const DURABLE = { writeConcern: { w: "majority", journal: true } } as const;

/** How one append is done. */
type Append = (record: LogRecord) => Promise<unknown>;

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** processor time of this process per 1,000 appends */
  readonly cpuMsPer1000: number;
}

/** A record with one command, some 400 bytes as JSON. */
function record(sessionId: string, pos: number): LogRecord {
  const at = 1_700_000_000_000 + pos;
  const value = JSON.stringify({ x: pos % 40, y: pos % 30, hp: 17, conditions: ["prone"], note: "n".repeat(100) });
  const changes = [["shared/tokens/goblin-7", value]] as const;
  const command = { seq: pos, at, userId: "kim", id: `c-${pos}`, action: "set", changes };
  const content = { kind: "commands", commands: [command] } as const;
  return { v: RECORD_FORMAT, sessionId, pos, id: `${sessionId}-${pos}`, epoch: 1, at, content, audit: [] };
}

async function measure(append: Append, run: string, inFlight: number, ms: number): Promise<Figures> {
  const next = new Map<number, number>();
  const latencies: number[] = [];
  let turn = 0;
  const work = async (until: number) => {
    while (performance.now() < until) {
      const session = turn++ % SESSIONS;
      const pos = next.get(session) ?? 1;
      next.set(session, pos + 1);
      const from = performance.now();
      await append(record(`${run}-${session}`, pos));
      latencies.push(performance.now() - from);
    }
  };
  const all = (forMs: number) => {
    const until = performance.now() + forMs;
    return Promise.all(Array.from({ length: inFlight }, () => work(until)));
  };
  await all(ms / 4);
  latencies.length = 0;
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  await all(ms);
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMsPer1000: (user + system) / latencies.length,
  };
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    seconds: { type: "string", default: "1.5" },
    rounds: { type: "string", default: "3" },
  },
});
const server = await MongoServer.start();
const stores = await openMongoStores({ uri: server.uri("bench") });
const connection = await createConnection(server.uri("bench"), { maxPoolSize: 64 }).asPromise();
const bare = connection.collection("bare") as unknown as mongo.Collection;
for (const { key, unique } of await connection.collection("log").indexes()) {
  if (!("_id" in key)) await bare.createIndex(key, { unique: unique ?? false });
}
const ways: Record<string, Append> = {
  "bare driver": (one) => bare.insertOne(documentOf([one]), DURABLE),
  store: (one) => stores.log.append([one]),
};

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const rows: Record<string, string | number>[] = [];
let run = 0;
for (const inFlight of IN_FLIGHT) {
  const figures: Record<string, Figures[]> = {};
  // Turn by turn, so that a noisy machine hits both alike.
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [way, append] of Object.entries(ways)) {
      const measured = await measure(append, `run${run++}`, inFlight, Number(values.seconds) * 1000);
      figures[way] = [...(figures[way] ?? []), measured];
    }
  }
  const of = (way: string, figure: keyof Figures) => median((figures[way] ?? []).map((one) => one[figure]));
  for (const way of Object.keys(ways)) {
    rows.push({
      "in flight": inFlight,
      way,
      "appends/s": Math.round(of(way, "perSecond")),
      "p50 ms": Number(of(way, "p50Ms").toFixed(2)),
      "p99 ms": Number(of(way, "p99Ms").toFixed(2)),
      "CPU ms/1000": Number(of(way, "cpuMsPer1000").toFixed(0)),
      "time over bare": Number((of("bare driver", "perSecond") / of(way, "perSecond")).toFixed(2)),
    });
  }
}
await stores.close();
await connection.close();
await server.dispose();
if (values.json) console.log(JSON.stringify(rows));
else console.table(rows);
