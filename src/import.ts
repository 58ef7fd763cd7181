import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { importCampaign } from "./archive/move/import-campaign.ts";
import { loadConfig } from "./config.ts";
import { openStores } from "./open-stores.ts";

const USAGE = "usage: npm run import -- FILE";

/** `npm run import`: puts a campaign's file into the store that the configuration names. */
async function readFile(args: string[]): Promise<void> {
  const path = fileOf(args);
  const stores = await openStores(loadConfig());
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const { sessions, records } = await importCampaign(path, stores, print);
    print(`${sessions} sessions, ${records} records: digests and audit heads equal`);
  } finally {
    await stores.close();
  }
}

function fileOf(args: string[]): string {
  try {
    const [file, ...more] = parseArgs({ args, options: {}, allowPositionals: true }).positionals;
    if (file === undefined || more.length > 0) throw new Error("it takes one file");
    return resolve(file);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

readFile(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
