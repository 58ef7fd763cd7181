import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const READY_LIMIT_MS = 30_000;
const READY_STEP_MS = 50;
const STOP_LIMIT_MS = 30_000;
const KEPT_OUTPUT = 4000;

/** A server process that this one started. */
export interface Launched {
  readonly endpoint: string;
  readonly pid: number;
  /** Asks it to end (SIGTERM), after 30 s makes it. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * Starts `script` with `env` on a port of loopback and waits until `readyPath` answers 200. The process ends with this one,
 * however that ends.
 * @param where `port`: 0 (the default) for any that is free; the script gets it as PORT. `cwd`: not the project's folder, for
 *   a developer's .env must not have a say
 * @throws with the end of its output if it stops or is not ready in 30 s
 */
export async function launch(
  script: string,
  env: Readonly<Record<string, string>>,
  readyPath: string,
  where: { readonly port?: number; readonly cwd?: string } = {},
): Promise<Launched> {
  const { port = 0, cwd = tmpdir() } = where;
  const chosen = port === 0 ? await freePort() : port;
  const child = spawn(process.execPath, [script], {
    cwd,
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", ...env, PORT: String(chosen) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let output = "";
  const keep = (text: Buffer) => {
    output = (output + text.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);

  const endpoint = `http://127.0.0.1:${chosen}`;
  const deadlineMs = performance.now() + READY_LIMIT_MS;
  while (!(await answers(endpoint + readyPath))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadlineMs) {
      child.kill("SIGKILL");
      throw new Error(`${script} did not get ready:\n${output}`);
    }
    await delay(READY_STEP_MS);
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const forced = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(forced);
  };
  return { endpoint, pid: child.pid ?? 0, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
