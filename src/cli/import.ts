import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { importCampaign } from "../archive/move/import-campaign.ts";
import { loadConfig } from "../config.ts";
import { openStores } from "../open-stores.ts";
import { parseArguments, WrongArguments } from "./arguments.ts";
import { runCommand } from "./command.ts";

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
  const { operands } = parseArguments(args, { options: {}, usage: USAGE, isOperand: existsSync });
  const [file, ...more] = operands;
  if (file === undefined || more.length > 0) throw new WrongArguments(`it takes one file\n${USAGE}`);
  return resolve(file);
}

await runCommand(readFile);
