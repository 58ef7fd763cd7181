/**
 * One process and several, on a MongoDB and a Redis of the bench's own, everything on this machine.
 * `npm run bench -- cluster [load] [asking] [idle] [flags]`: all three where none is named. Flags: those of an evening, `--rounds N`
 * (3), `--idle-seconds S` (60), `--idle-sessions LIST` (20,200,2000), `--json FILE`.
 */
import { writeFileSync } from "node:fs";
import { EVENING_FLAGS, eveningOptions, numberOf, readFlags } from "../loadtest/options.ts";
import { EVENING_DEFAULTS, type EveningOptions, playEvening } from "../loadtest/play.ts";
import { liveLine } from "../loadtest/progress.ts";
import type { EveningResult } from "../loadtest/result.ts";
import { figure, tableText } from "../loadtest/table-text.ts";
import { endAfter } from "../loadtest/time-limit.ts";
import { askingFigures } from "./asking-hosts.ts";
import { type Engines, startEngines } from "./engines.ts";
import { type IdleFigures, idleFigures } from "./idle-processes.ts";
import { byTurns, median } from "./rounds.ts";
import { type Setup, severalProcesses } from "./several-processes.ts";

const PARTS = ["load", "asking", "idle"];
const IDLE_SESSIONS = "20,200,2000";
/** The first and the next: what one process does, and what the others add. */
const IDLE_PROCESSES = [1, 3];
const LIMIT_SECONDS = 3_600;
const DEFAULTS = { ...EVENING_DEFAULTS, sessions: 30, players: 4, rate: 2, seconds: 10 };

/** The first three: people wherever the balancer sends them. The others: all sessions at one process. */
const SETUPS: Readonly<Record<string, Setup>> = {
  "one process": { processes: 1 },
  "three, passed on": { processes: 3 },
  "three, PUBLIC_ADDRESS": { processes: 3, publicAddresses: true },
  "two, at the host": { processes: 2, hosts: [0], asked: [0] },
  "two, by way of the other": { processes: 2, hosts: [0], asked: [1] },
  "two, by way of the other, PUBLIC_ADDRESS": { processes: 2, hosts: [0], asked: [1], publicAddresses: true },
};

/** Rows of the table of loads. */
const ROWS: Readonly<Record<string, (result: EveningResult) => number>> = {
  "commands a second": ({ commands }) => commands.perSecond,
  "join p50, ms": ({ joins }) => joins.ms.p50,
  "acknowledged p50, ms": ({ commands }) => commands.ms.p50,
  "acknowledged p99, ms": ({ commands }) => commands.ms.p99,
  "visible to others p50, ms": ({ visibleMs }) => visibleMs.p50,
  "visible to others p99, ms": ({ visibleMs }) => visibleMs.p99,
  "CPU-ms per 1,000 delivered, all": ({ server }) => server?.cpuMsPer1000Delivered ?? Number.NaN,
  "of the first process": ({ servers }) => servers[0]?.cpuMsPer1000Delivered ?? Number.NaN,
  "of the second": ({ servers }) => servers[1]?.cpuMsPer1000Delivered ?? Number.NaN,
  "of the third": ({ servers }) => servers[2]?.cpuMsPer1000Delivered ?? Number.NaN,
  "memory (RSS), all, MiB": ({ server }) => server?.rssMiB ?? Number.NaN,
};

const { values, names } = readFlags(process.argv.slice(2), {
  ...EVENING_FLAGS,
  rounds: { type: "string" },
  "idle-seconds": { type: "string" },
  "idle-sessions": { type: "string" },
  json: { type: "string" },
});
const options = eveningOptions(values, DEFAULTS);
const rounds = Math.trunc(numberOf(values, "rounds", 1, 100) ?? 3);
const idleSeconds = numberOf(values, "idle-seconds", 5, 600) ?? 60;
const idleSessions = String(values["idle-sessions"] ?? IDLE_SESSIONS)
  .split(",")
  .map(Number);
const parts = names.length === 0 ? PARTS : names;
for (const name of names) if (!PARTS.includes(name)) throw new Error(`no part "${name}": ${PARTS.join(", ")}`);
endAfter(LIMIT_SECONDS);

const measured: Record<string, unknown> = {};
const live = liveLine(process.stderr);
let engines: Engines;
try {
  engines = await startEngines();
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
try {
  if (parts.includes("load")) measured.load = Object.fromEntries(await load(engines));
  if (parts.includes("asking")) measured.asking = Object.fromEntries(await asking(engines));
  if (parts.includes("idle")) measured.idle = await idle(engines);
} finally {
  live.done();
  await engines.stop();
}
if (typeof values.json === "string") writeFileSync(values.json, `${JSON.stringify(measured, null, 1)}\n`);
process.exit();

async function load(of: Engines): Promise<Map<string, EveningResult[]>> {
  const contenders = Object.fromEntries(
    Object.entries(SETUPS).map(([name, setup]) => [name, () => severalProcesses(of, setup)]),
  );
  const results = await byTurns(contenders, rounds, (target, name) =>
    playEvening(target, options, (line) => live.show(`${name}: ${line}`)),
  );
  live.done();
  console.log(titleOf(options));
  const rows = Object.entries(ROWS).map(([name, value]) => [
    name,
    ...[...results.values()].map((all) => shown(median(all.map(value)))),
  ]);
  console.log(tableText([["", ...results.keys()], ...rows]));
  const faults = [...results].flatMap(([name, all]) => all.flatMap((one) => one.faults.map((it) => `${name}: ${it}`)));
  if (faults.length > 0) throw new Error(`faults:\n${faults.join("\n")}`);
  return results;
}

function titleOf({ sessions, players, rate, seconds }: EveningOptions): string {
  return `\n${sessions} sessions × (${players} players + a GM) × ${rate} commands a second per player, ${seconds} s; medians of ${rounds} rounds`;
}

async function asking(of: Engines) {
  const figures = await askingFigures(of, rounds);
  console.log(`\nOne request after the other, CPU-ms per 1,000 requests; medians of ${rounds} rounds`);
  const rows = [...figures].map(([name, all]) => [
    name,
    ...(["p50Ms", "p99Ms", "host", "other"] as const).map((which) => shown(median(all.map((one) => one[which])))),
  ]);
  console.log(tableText([["", "p50, ms", "p99, ms", "CPU of the host", "of the other"], ...rows]));
  return figures;
}

async function idle(of: Engines): Promise<IdleFigures[]> {
  const all: IdleFigures[] = [];
  for (const sessions of idleSessions) {
    for (const processes of IDLE_PROCESSES) {
      live.show(`idle: ${sessions} sessions, ${processes} processes`);
      all.push(await idleFigures(of, processes, sessions, idleSeconds));
    }
  }
  live.done();
  console.log(`\nIdle sessions, a GM connected in each; all processes together, over ${idleSeconds} s`);
  const rows = all.map(({ processes, sessions, storeCommands, redisCommands, cpu, rssMiB }) => [
    String(processes),
    String(sessions),
    shown(Object.values(storeCommands).reduce((sum, rate) => sum + rate, 0)),
    Object.entries(storeCommands)
      .map(([name, rate]) => `${name} ${shown(rate)}`)
      .join(", "),
    ...[redisCommands, cpu, rssMiB].map(shown),
  ]);
  const head = ["processes", "sessions", "store commands/s", "of these", "Redis commands/s", "CPU, %", "memory, MiB"];
  console.log(tableText([head, ...rows]));
  return all;
}

function shown(value: number): string {
  return Number.isFinite(value) ? figure(value) : "–";
}
