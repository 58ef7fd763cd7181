import { type App, startApp } from "./app.ts";
import { type Config, ConfigProblems, loadConfig } from "./config.ts";
import { createLog, faultOf, type Logger } from "./ops/log.ts";

/** Starts the server: configuration, application, signals. Everything that can be wrong at start is said in words. */
export async function main(): Promise<void> {
  const config = configOrExit();
  const log = createLog(config.logLevel);
  keepRunning(log);
  let app: App | undefined;
  const shutDown = (why: string): void => {
    log.info({ why }, "stopping");
    setTimeout(() => process.exit(0), config.shutdownGraceSeconds * 1_000).unref();
    Promise.resolve(app?.stop()).then(
      () => process.exit(0),
      (error) => {
        log.error(faultOf(error), "stopping failed");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", () => shutDown("SIGTERM"));
  process.once("SIGINT", () => shutDown("SIGINT"));
  try {
    app = await startApp(config, log, () => shutDown("drain"));
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  const { address, port } = app.address;
  const host = address.includes(":") ? `[${address}]` : address;
  log.info({ address, port }, `listening on http://${host}:${port}`);
  if (config.auth.devLogin) process.stdout.write(`\n  The table is set: open http://${host}:${port}\n\n`);
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
 * nobody caught is no reason to end everybody's evening.
 */
function keepRunning(log: Logger): void {
  process.on("uncaughtException", (error) => log.fatal(faultOf(error), "uncaught exception"));
  process.on("unhandledRejection", (error) => log.fatal(faultOf(error), "unhandled rejection"));
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
