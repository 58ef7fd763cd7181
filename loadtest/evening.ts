import { readFileSync, writeFileSync } from "node:fs";
import { comparisonText } from "./compare.ts";
import { reportHtml } from "./html.ts";
import {
  EVENING_FLAGS,
  eveningOptions,
  OUTPUT_FLAGS,
  outputOf,
  readFlags,
  UsageError,
  WHERE_FLAGS,
  whereOf,
} from "./options.ts";
import { playEvening } from "./play.ts";
import { liveLine } from "./progress.ts";
import { reportText } from "./report.ts";
import type { EveningResult } from "./result.ts";
import { endAfter } from "./time-limit.ts";
import { targetAt } from "./where.ts";

const USAGE = `A scripted evening against a server, measured. Exit 1 if a command was lost or happened twice.

npm run loadtest -- [flags]
  --sessions N     tables (10)                      --players N   who send, at each (5); a GM watches besides
  --rate R         commands a second per player (1) --seconds S   how long (30)
  --mix LIST       weights (set=6,increment=3,append=1)
  --bytes N        added to every set (0)           --seed N      the same evening again (1)
  --churn R        players who leave and come back, a second, of all (0)
  --slow N         more clients who read slowly, at all tables together (0)
  --distant MS     added to every round trip (0)    --workers N   processes with clients (2)

  --endpoint URL   a running server or a balancer, http://…; given several times: several servers that share a store. The
                   people of each table are spread over them, and try the next one where one does not let them in.
                   Without: starts one of its own, in a data folder of its own
  --secret TEXT    its AUTH_JWT_SECRET              --tokens FILE [{"userId", "token"}, …]; without both: dev login
  --server-pid N   its process on this machine, to measure CPU and memory; several times for several

  --json FILE      the figures                      --html FILE   a page with plots
  --compare A.json B.json   two such files side by side, nothing is played`;

/** joining and settling may take this much longer than the play itself */
const EXTRA_LIMIT_SECONDS = 240;

async function main(args: readonly string[]): Promise<number> {
  const flags = {
    ...EVENING_FLAGS,
    ...WHERE_FLAGS,
    ...OUTPUT_FLAGS,
    compare: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  const { values, names } = readFlags(args, flags);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.compare) {
    const [a, b] = names;
    if (a === undefined || b === undefined) throw new UsageError("--compare needs two files");
    console.log(comparisonText(readResult(a), readResult(b)));
    return 0;
  }
  const options = eveningOptions(values);
  const output = outputOf(values);
  const target = await targetAt(whereOf(values));
  endAfter(options.seconds + EXTRA_LIMIT_SECONDS);
  const live = liveLine(process.stderr);
  try {
    const result = await playEvening(target, options, live.show);
    live.done();
    console.log(reportText(result));
    if (output.json !== null) writeFileSync(output.json, `${JSON.stringify(result, null, 1)}\n`);
    if (output.html !== null) writeFileSync(output.html, reportHtml(result));
    return result.faults.length === 0 ? 0 : 1;
  } finally {
    live.done();
    await target.stop();
  }
}

function readResult(file: string): EveningResult {
  return JSON.parse(readFileSync(file, "utf8")) as EveningResult;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
