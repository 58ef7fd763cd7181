import { resolve } from "node:path";
import { exportCampaign } from "../archive/move/export-campaign.ts";
import { loadConfig } from "../config.ts";
import { openStores } from "../open-stores.ts";
import { ownVersion } from "../version.ts";
import { looksLikeId, parseArguments, WrongArguments } from "./arguments.ts";
import { runCommand } from "./command.ts";

const USAGE = "usage: npm run export -- <campaignId> [--to FILE]";

/** `npm run export`: writes a campaign of the store that the configuration names into a file. Changes nothing there. */
async function writeFile(args: string[]): Promise<void> {
  const { campaignId, path } = optionsOf(args);
  const stores = await openStores(loadConfig(), { forReading: true });
  try {
    const { sessions, records } = await exportCampaign(
      campaignId,
      { stores, path, program: ownVersion() },
      ({ message }) => {
        process.stderr.write(`left out: ${message}\n`);
      },
    );
    process.stdout.write(`${sessions} sessions, ${records} records: ${path}\n`);
  } finally {
    await stores.close();
  }
}

function optionsOf(args: string[]): { readonly campaignId: string; readonly path: string } {
  const { values, operands } = parseArguments(args, {
    options: { to: { type: "string" } },
    usage: USAGE,
    isOperand: looksLikeId,
  });
  const [campaignId, ...more] = operands;
  if (campaignId === undefined || more.length > 0) throw new WrongArguments(`it takes one campaign's id\n${USAGE}`);
  if (values.to === undefined && !/^[\w-]+$/.test(campaignId)) {
    throw new WrongArguments(`name the file with --to\n${USAGE}`);
  }
  return { campaignId, path: resolve(values.to ?? `${campaignId}.campaign.jsonl`) };
}

await runCommand(writeFile);
