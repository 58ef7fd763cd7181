import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Endpoints } from "./endpoints.ts";
import { type Launched, launch } from "./launch.ts";
import { type People, signedBy } from "./people.ts";
import { type Size, stageCampaigns } from "./stage.ts";
import type { TablePlan } from "./table.ts";

/** A server that an evening can be played on. */
export interface Target {
  readonly endpoints: Endpoints;
  /** its processes, those that run on this machine and that we know: their CPU and memory are measured */
  readonly pids: readonly number[];
  /** whether it promises what our contract does, or is some other Colyseus server that knows the same messages */
  readonly keepsContract: boolean;
  stage(size: Size): Promise<TablePlan[]>;
  stop(): Promise<void>;
}

const START_SCRIPT = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** Our server, running somewhere, as one process or several. */
export function remoteTarget(endpoints: Endpoints, people: People, pids: readonly number[]): Target {
  return {
    endpoints,
    pids,
    keepsContract: true,
    stage: (size) => stageCampaigns(endpoints, people, size),
    stop: async () => {},
  };
}

/** Our server, as a process of its own with a data folder of its own. Both are gone after `stop`. */
export interface OwnTarget extends Target {
  /** Ends the process as a power cut would, and starts it again on the same port and data. The pid is another then. */
  crash(): Promise<void>;
}

/**
 * Starts our server. Limits per user and address are off, for all the load comes from one address; everything else is as
 * `npm start` has it, but for `env`.
 */
export async function ownTarget(env: Readonly<Record<string, string>> = {}): Promise<OwnTarget> {
  const dataDir = mkdtempSync(join(tmpdir(), "loadtest-"));
  const secret = randomBytes(32).toString("hex");
  const variables = {
    DATA_DIR: dataDir,
    AUTH_JWT_SECRET: secret,
    RATE_JOINS_PER_USER: "0",
    RATE_JOINS_PER_ADDRESS: "0",
    RATE_COMMANDS: "0",
    RATE_WRITES: "0",
    LOG_LEVEL: "warn",
    ...env,
  };
  const removeData = () => rmSync(dataDir, { recursive: true, force: true });
  // also when a signal or a time limit ends us: `launch` has ended the server then
  process.once("exit", removeData);
  const start = (port = 0) => launch(START_SCRIPT, variables, "/readyz", { port, cwd: dataDir });
  let server: Launched;
  try {
    server = await start();
  } catch (error) {
    removeData();
    throw error;
  }
  const { endpoint } = server;
  return {
    endpoints: [endpoint],
    get pids() {
      return [server.pid];
    },
    keepsContract: true,
    stage: (size) => stageCampaigns([endpoint], signedBy(secret), size),
    async crash() {
      await server.kill();
      server = await start(Number(new URL(endpoint).port));
    },
    async stop() {
      await server.stop();
      removeData();
      process.off("exit", removeData);
    },
  };
}
