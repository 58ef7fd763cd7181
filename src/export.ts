import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { exportCampaign } from "./archive/move/export-campaign.ts";
import { loadConfig } from "./config.ts";
import { openStores } from "./open-stores.ts";

const USAGE = "usage: npm run export -- <campaignId> [--to FILE]";

/** `npm run export`: writes a campaign of the store that the configuration names into a file. Changes nothing there. */
async function writeFile(args: string[]): Promise<void> {
  const { campaignId, path } = optionsOf(args);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const stores = await openStores(loadConfig(), { forReading: true });
  try {
    const { sessions, records } = await exportCampaign(
      campaignId,
      { stores, path, program: version },
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
  try {
    const options = { to: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [campaignId, ...more] = positionals;
    if (campaignId === undefined || more.length > 0) throw new Error("it takes one campaign's id");
    if (values.to === undefined && !/^[\w-]+$/.test(campaignId)) throw new Error("name the file with --to");
    return { campaignId, path: resolve(values.to ?? `${campaignId}.campaign.jsonl`) };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

writeFile(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
