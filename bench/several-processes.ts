import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Endpoints } from "../loadtest/endpoints.ts";
import { type Launched, launch } from "../loadtest/launch.ts";
import { type People, signedBy } from "../loadtest/people.ts";
import { stageCampaigns } from "../loadtest/stage.ts";
import type { Target } from "../loadtest/target.ts";
import { dropDatabase } from "../test/support/mongo-server.ts";
import { freePort } from "../test/support/ports.ts";
import type { Engines } from "./engines.ts";

const START_SCRIPT = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** How the servers of a round are set up, and how they are used. */
export interface Setup {
  readonly processes: number;
  /** clients are sent to the very process that hosts their session */
  readonly publicAddresses?: boolean;
  /** numbers of the processes at which the sessions begin, so that they run there; all of them by turns by default */
  readonly hosts?: readonly number[];
  /** numbers of the processes that clients are told of; all of them by default */
  readonly asked?: readonly number[];
  /** of a proxy before the database; the database itself by default */
  readonly mongoPort?: number;
}

/** Servers of a bench's own, with how to become somebody there. */
export interface SeveralProcesses extends Target {
  /** of each process, whoever is told of it */
  readonly all: Endpoints;
  readonly people: People;
}

/** Starts servers on a database of their own. One alone has no Redis and knows of no others. Limits per user and address are off. */
export async function severalProcesses({ mongo, redis }: Engines, setup: Setup): Promise<SeveralProcesses> {
  const { processes, publicAddresses = false, mongoPort } = setup;
  const database = `bench-${randomBytes(6).toString("hex")}`;
  const secret = randomBytes(32).toString("hex");
  const common = {
    MONGODB_URI: mongo.uri(database, mongoPort),
    ...(processes > 1 ? { REDIS_URL: redis.url } : {}),
    AUTH_JWT_SECRET: secret,
    ...{ RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0", RATE_COMMANDS: "0", RATE_WRITES: "0" },
    LOG_LEVEL: "warn",
  };
  const servers: Launched[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await dropDatabase(mongo.uri(database));
  };
  try {
    for (let n = 0; n < processes; n++) {
      const port = await freePort();
      const own = {
        ...(processes > 1 ? { INTERNAL_URL: `http://127.0.0.1:${port}` } : {}),
        ...(publicAddresses ? { PUBLIC_ADDRESS: `127.0.0.1:${port}` } : {}),
      };
      servers.push(await launch(START_SCRIPT, { ...common, ...own }, "/readyz", { port, cwd: tmpdir() }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const all = servers.map(({ endpoint }) => endpoint) as unknown as Endpoints;
  const some = (numbers: readonly number[] | undefined): Endpoints =>
    (numbers?.map((n) => all[n]) ?? all) as unknown as Endpoints;
  const people = signedBy(secret);
  return {
    ...{ all, people, stop },
    endpoints: some(setup.asked),
    pids: servers.map(({ pid }) => pid),
    keepsContract: true,
    stage: (size) => stageCampaigns(some(setup.hosts), people, size),
  };
}
