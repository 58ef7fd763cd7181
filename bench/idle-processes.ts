import { setTimeout as delay } from "node:timers/promises";
import { Crew } from "../loadtest/crew.ts";
import { webSockets } from "../loadtest/endpoints.ts";
import { figuresOf } from "../loadtest/process-figures.ts";
import type { Engines } from "./engines.ts";
import { CountedMongo } from "./mongo-commands.ts";
import { severalProcesses } from "./several-processes.ts";

/** An automatic pause is the one thing of a session for which the store is looked at while nothing happens. The others are short, */
const SETTINGS = { autoPauseWhenNoGm: 600, idleAfter: 1, snapshotEvery: 1 };
/** so that by then all that joining leaves to be done is done: people are idle, and a snapshot is written. */
const CALM_MS = 15_000;
const WORKERS = 2;

/** Of all processes together. */
export interface IdleFigures {
  readonly processes: number;
  readonly sessions: number;
  /** by name, a second; what the driver asks by itself to know its server is not in them */
  readonly storeCommands: Readonly<Record<string, number>>;
  readonly redisCommands: number;
  /** % of a core */
  readonly cpu: number;
  readonly rssMiB: number;
}

const OF_THE_DRIVER = new Set(["hello", "isMaster", "ismaster", "ping", "endSessions"]);

/**
 * Sessions in which nothing happens, a GM connected in each: what that costs, by the second.
 * @param seconds at least 60: what happens once a minute is in it then
 */
export async function idleFigures(
  engines: Engines,
  processes: number,
  sessions: number,
  seconds: number,
): Promise<IdleFigures> {
  const counted = await CountedMongo.before(engines.mongo.port);
  const target = await severalProcesses(engines, { processes, mongoPort: counted.port });
  const crew = new Crew(WORKERS, () => undefined);
  try {
    const tables = await target.stage({ sessions, players: 0, slow: 0, settings: SETTINGS });
    await crew.ready();
    const asks = Array.from({ length: crew.size }, (_, worker) => ({
      endpoints: webSockets(target.endpoints),
      tables: tables.filter((_table, index) => index % crew.size === worker),
      ...{ seed: worker, distantMs: 0 },
    }));
    await crew.all("join", asks);
    await delay(CALM_MS);
    const look = async () => ({
      store: counted.counts,
      redis: processes > 1 ? await redisCommands(engines) : 0,
      used: figuresOf(target.pids),
    });
    const before = await look();
    await delay(seconds * 1000);
    const after = await look();
    const storeCommands = Object.fromEntries(
      [...after.store]
        .map(([name, count]) => [name, (count - (before.store.get(name) ?? 0)) / seconds] as const)
        .filter(([name, rate]) => rate > 0 && !OF_THE_DRIVER.has(name)),
    );
    return {
      ...{ processes, sessions, storeCommands },
      redisCommands: Math.max(0, after.redis - before.redis - 1) / seconds,
      cpu: ((after.used?.cpuMs ?? Number.NaN) - (before.used?.cpuMs ?? Number.NaN)) / (seconds * 10),
      rssMiB: after.used?.rssMiB ?? Number.NaN,
    };
  } finally {
    crew.dismiss();
    await target.stop();
    counted.stop();
  }
}

/** All that it was ever sent; the question itself, with the connection for it, is three of them. */
async function redisCommands({ redis }: Engines): Promise<number> {
  const info = await redis.ask((client) => client.info("stats"));
  return Number(/total_commands_processed:(\d+)/.exec(info)?.[1]);
}
