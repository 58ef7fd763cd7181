import { spawn } from "node:child_process";
import { once } from "node:events";
import { endsWithUs } from "./children.ts";
import { HOW_TO_GET_ONE, inDatabase, MongoServer, mongoProgram } from "./mongo-server.ts";

/**
 * `node test/support/on-mongo.ts <command> <argument>…`: runs a command with `MONGODB_URI` set, on a server of its own
 * where none is configured. Its exit code is the command's; also 1 where the tests left databases behind. Without a server
 * to be had: one line and exit 0, with `CI=true` exit 1.
 */
const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error("on-mongo: which command?");

const configured = process.env.MONGODB_URI;
if (configured !== undefined && configured !== "") {
  process.exitCode = await runOn(configured);
} else if (mongoProgram() !== undefined) {
  const server = await MongoServer.start();
  try {
    process.exitCode = await runOn(server.uri("tests"));
  } finally {
    await server.dispose();
  }
} else {
  console.log(`skipped: needs MONGODB_URI, ${HOW_TO_GET_ONE}`);
  process.exitCode = process.env.CI === "true" ? 1 : 0;
}

/** @returns the command's exit code, or 1 where it left databases behind */
async function runOn(uri: string): Promise<number> {
  const before = new Set(await databasesOf(uri));
  const child = spawn(command!, args, { stdio: "inherit", env: { ...process.env, MONGODB_URI: uri } });
  endsWithUs(child);
  // Ctrl-C reaches the command by itself; what it leaves is to be cleaned up after it.
  process.on("SIGINT", () => {});
  const [code] = (await once(child, "exit")) as [number | null];
  const left = (await databasesOf(uri)).filter((name) => !before.has(name));
  if (left.length > 0) console.error(`databases left behind: ${left.join(", ")}`);
  return left.length > 0 ? 1 : (code ?? 1);
}

function databasesOf(uri: string): Promise<string[]> {
  return inDatabase(uri, async (db) => {
    const { databases } = await db.admin().listDatabases({ nameOnly: true });
    return databases.map(({ name }) => name);
  });
}
