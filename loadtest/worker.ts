import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { coming } from "./churn.ts";
import { openDistance } from "./distant.ts";
import { type Endpoints, from } from "./endpoints.ts";
import type { Jobs, JoinJob, PlayJob, Question, Reply, Report, Second } from "./jobs.ts";
import { Latencies } from "./latencies.ts";
import { seededRandom } from "./random.ts";
import { Table } from "./table.ts";
import { Tally } from "./tally.ts";

/** A process full of clients. It does what its parent asks over IPC, and ends with its parent. */

const TABLES_JOINING_AT_ONCE = 8;
const MONITOR_STEP_MS = 10;

// the SDK tells the console of every connection that was cut
console.info = () => {};
console.warn = () => {};

let tables: Table[] = [];
const tally = new Tally();
let played = false;
let seed = 0;
const loop = monitorEventLoopDelay({ resolution: MONITOR_STEP_MS });
let cpuAtStart = process.cpuUsage();
loop.enable();

async function join(job: JoinJob): Promise<null> {
  const endpoints = job.distantMs > 0 ? await distant(job.endpoints, job.distantMs) : job.endpoints;
  seed = job.seed;
  tables = job.tables.map((plan, index) => new Table(plan, from(endpoints, index), tally, seed + index * 1000));
  const waiting = [...tables];
  const joinNext = async () => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) await table.join();
  };
  await Promise.all(Array.from({ length: TABLES_JOINING_AT_ONCE }, joinNext));
  return null;
}

async function distant(endpoints: Endpoints, roundTripMs: number): Promise<Endpoints> {
  const far = await Promise.all(endpoints.map((endpoint) => openDistance(endpoint, roundTripMs)));
  return far as unknown as Endpoints;
}

async function play(job: PlayJob): Promise<null> {
  played = true;
  for (const table of tables) table.play(job);
  const stopTelling = tellSeconds(job.seconds);
  const stopChurn = coming(tables, job.churn, seededRandom(seed));
  await delay(job.seconds * 1000);
  for (const table of tables) table.stop();
  const returns = stopChurn();
  stopTelling();
  await Promise.all([returns, ...tables.map((table) => table.settle(job.settleLimitMs))]);
  return null;
}

async function cut(): Promise<null> {
  for (const table of tables) table.cut();
  return null;
}

/** The clients count into `tally` for their whole life: what is reported is emptied, not replaced. */
async function report(): Promise<Report> {
  const { user, system } = process.cpuUsage(cpuAtStart);
  const told: Report = {
    tally: tally.data(),
    outcomes: played ? tables.map((table) => table.outcome()) : [],
    cpuMs: (user + system) / 1000,
    loopP99Ms: lateMs(loop.percentile(99)),
    loopMaxMs: lateMs(loop.max),
  };
  tally.reset();
  loop.reset();
  cpuAtStart = process.cpuUsage();
  return told;
}

async function leave(): Promise<null> {
  await Promise.all(tables.map((table) => table.leave()));
  return null;
}

/** The monitor's figures are ns between two of its timers, in which its own step is included. */
function lateMs(ns: number): number {
  return Math.max(0, ns / 1e6 - MONITOR_STEP_MS);
}

/** Returns how to stop it, which tells what is left of the last second. */
function tellSeconds(seconds: number): () => void {
  let before = tally.acknowledgedMs.data();
  let index = 0;
  const tellOne = () => {
    const now = tally.acknowledgedMs.data();
    tell({ index: index++, acknowledged: Latencies.between(before, now) });
    before = now;
  };
  const timer = setInterval(tellOne, 1000);
  return () => {
    clearInterval(timer);
    if (index < seconds) tellOne();
  };
}

function tell(message: Reply | Second): void {
  process.send?.(message);
}

const doing: { [Name in keyof Jobs]: (ask: Jobs[Name]["ask"]) => Promise<Jobs[Name]["answer"]> } = {
  join,
  play,
  cut,
  report,
  leave,
};

async function handle(question: Question): Promise<void> {
  try {
    const work = doing[question.job] as (ask: Question["ask"]) => Promise<unknown>;
    tell({ n: question.n, answer: await work(question.ask) });
  } catch (error) {
    tell({ n: question.n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on("message", (question: Question) => void handle(question));
process.on("disconnect", () => process.exit());
