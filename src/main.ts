import { type App, startApp } from "./app.ts";
import { type Config, ConfigProblems, loadConfig } from "./config.ts";
import { createLog, faultOf, type Logger } from "./ops/log.ts";
import { LogOutput } from "./ops/log-output.ts";
import { sinkFor } from "./ops/log-sinks.ts";

/** Each the same; a terminal that is closed says SIGHUP. */
const STOPPING_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** For the log's last lines, of the grace. */
const LAST_LINES_MS = 200;

/** Starts the server: configuration, application, signals. Everything that can be wrong at start is said in words. */
export async function main(): Promise<void> {
  const config = configOrExit();
  const output = new LogOutput(sinkFor(1));
  const log = createLog(config.logLevel, output);
  keepRunning(log);
  let app: App | undefined;
  let isStopping = false;
  const end = async (code: number): Promise<never> => {
    await output.flush(LAST_LINES_MS);
    // Nothing else would end it while a thread waits for the log's disk.
    if (output.holdsExit) process.kill(process.pid, "SIGKILL");
    process.exit(code);
  };
  const shutDown = (why: string): void => {
    // A signal may come twice: to the process, and to its whole group.
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, "stopping");
    setTimeout(() => void end(0), config.shutdownGraceSeconds * 1_000 - LAST_LINES_MS).unref();
    Promise.resolve(app?.stop()).then(
      () => end(0),
      (error) => {
        log.error(faultOf(error), "stopping failed");
        return end(1);
      },
    );
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, () => shutDown(signal));
  try {
    app = await startApp(config, log, () => shutDown("drain"));
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  if (config.production && config.metricsToken === null) log.warn("METRICS_TOKEN is not set: /metrics is open");
  const { address, port } = app.address;
  const host = address.includes(":") ? `[${address}]` : address;
  log.info({ address, port }, `listening on http://${host}:${port}`);
  // For pm2, which goes on to the next process then. Who else starts us has no channel to tell it through.
  process.send?.("ready");
  if (config.auth.devLogin) output.write(`\n  The table is set: open http://${host}:${port}\n\n`);
}

function configOrExit(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof ConfigProblems) fail(error.message);
    throw error;
  }
}

/**
 * Nothing in memory is the truth: a session whose code threw is closed and opened again from its log. So one throw that
 * nobody caught is no reason to end everybody's evening; nor is a line that could not be printed.
 */
function keepRunning(log: Logger): void {
  process.on("uncaughtException", (error) => log.fatal(faultOf(error), "uncaught exception"));
  process.on("unhandledRejection", (error) => log.fatal(faultOf(error), "unhandled rejection"));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
