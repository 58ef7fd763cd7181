import { writeFileSync } from "node:fs";
import { EVENING_FLAGS, eveningOptions, readFlags, UsageError, WHERE_FLAGS, whereOf } from "./options.ts";
import { EVENING_DEFAULTS, type Incident, playEvening } from "./play.ts";
import { probe } from "./probe.ts";
import { liveLine } from "./progress.ts";
import { reportText } from "./report.ts";
import type { EveningResult } from "./result.ts";
import { figure, tableText } from "./table-text.ts";
import { type OwnTarget, ownTarget } from "./target.ts";
import { endAfter } from "./time-limit.ts";
import { targetAt } from "./where.ts";

const USAGE = `Everybody loses the connection at once, in the middle of an evening, and comes back. Exit 1 if somebody did not, or
a command was lost or happened twice.

npm run bench -- storm [flags]
  --sessions N --players N --rate R --seconds S --mix LIST --bytes N --seed N --workers N --distant MS
                   as for the load test (50, 6, 0.5, 25)
  --crash          ends a server of our own as a power cut would, and starts it again, instead of cutting the sockets
  --endpoint URL …, --secret TEXT, --tokens FILE, --server-pid N …   as for the load test
  --json FILE      the figures`;

/** A connection that stood 5 s was a good one: a client that loses it tries again without a wait. */
const STORM_AFTER_SECONDS = 6;
const EXTRA_LIMIT_SECONDS = 240;
const DEFAULTS = { ...EVENING_DEFAULTS, sessions: 50, players: 6, rate: 0.5, seconds: 25 };

async function main(args: readonly string[]): Promise<number> {
  const flags = {
    ...EVENING_FLAGS,
    ...WHERE_FLAGS,
    json: { type: "string" },
    crash: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  const { values } = readFlags(args, flags);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const options = eveningOptions(values, DEFAULTS);
  if (options.seconds <= STORM_AFTER_SECONDS) throw new UsageError(`--seconds is more than ${STORM_AFTER_SECONDS}`);
  const where = whereOf(values);
  if (values.crash && where.endpoints.length > 0) throw new UsageError("--crash is for a server of our own");
  endAfter(options.seconds + EXTRA_LIMIT_SECONDS);
  const own: OwnTarget | null = where.endpoints.length === 0 ? await ownTarget() : null;
  const target = own ?? (await targetAt(where));
  const live = liveLine(process.stderr);
  const asking = probe(`${target.endpoints[0]}/healthz`);
  try {
    const incident: Incident = {
      afterSeconds: STORM_AFTER_SECONDS,
      happen: (cut) => (values.crash && own !== null ? own.crash() : cut()),
    };
    const result = await playEvening(target, options, live.show, incident);
    live.done();
    await asking.stop();
    const clients = options.sessions * (1 + options.players) + options.slow;
    console.log(stormText(result, clients, asking.answerMs.summary()));
    console.log(reportText(result));
    if (typeof values.json === "string") {
      writeFileSync(values.json, `${JSON.stringify({ ...result, probeMs: asking.answerMs.summary() }, null, 1)}\n`);
    }
    return result.faults.length === 0 && result.backMs.count >= clients ? 0 : 1;
  } finally {
    live.done();
    await asking.stop();
    await target.stop();
  }
}

function stormText(result: EveningResult, clients: number, probeMs: { p50: number; max: number }): string {
  const { backMs } = result;
  const title = `${clients} clients lost their connection at once; ${backMs.count} came back.`;
  const rows = [
    ["back with the whole state p50, ms", figure(backMs.p50)],
    ["back with the whole state p99, ms", figure(backMs.p99)],
    ["all back after, ms", figure(backMs.max)],
    ["smallest request p50, ms", figure(probeMs.p50)],
    ["smallest request max (the server's longest stall), ms", figure(probeMs.max)],
  ];
  return `${title}\n${tableText(rows)}\n`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
