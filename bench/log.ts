/**
 * How fast the embedded log takes records, and what that costs the main thread: the file worked on in this thread
 * against a thread of its own, on this disk and on a simulated slow one. `node bench/log.ts [--json] [--seconds 1.5]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { LogRecord } from "../src/core/record.ts";
import { rowOf } from "../src/stores/sqlite/record-row.ts";
import { openSqliteStores } from "../src/stores/sqlite/stores.ts";
import { commandRecord, IN_FLIGHT, measureAppends } from "./appends.ts";

const ADDED_COMMIT_MS = [0, 5];

interface Figures {
  readonly thread: "main" | "worker";
  readonly addedCommitMs: number;
  readonly inFlight: number;
  readonly appendsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly loopDelayP50Ms: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly mainCpuMsPer1000: number;
  readonly processCpuMsPer1000: number;
}

async function measure(
  thread: Figures["thread"],
  addedCommitMs: number,
  inFlight: number,
  ms: number,
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "bench-log-"));
  const stores = await openSqliteStores({ folder, thread, ...(addedCommitMs > 0 ? { addedCommitMs } : {}) });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const append = (one: LogRecord) => stores.log.append([one]);
  const measured = await measureAppends(append, { run: "session", inFlight, ms, whenWarm: () => delay.enable() });
  delay.disable();
  await stores.close();
  await rm(folder, { recursive: true });

  // The monitor's own timer ticks every ms; what is above is delay.
  const delayMs = (ns: number) => Math.max(0, ns / 1e6 - 1);
  return {
    thread,
    addedCommitMs,
    inFlight,
    appendsPerSecond: measured.perSecond,
    p50Ms: measured.p50Ms,
    p99Ms: measured.p99Ms,
    loopDelayP50Ms: delayMs(delay.percentile(50)),
    loopDelayP99Ms: delayMs(delay.percentile(99)),
    loopDelayMaxMs: delayMs(delay.max),
    mainCpuMsPer1000: measured.threadCpuMsPer1000,
    processCpuMsPer1000: measured.cpuMsPer1000,
  };
}

/** What the main thread spends on handing 1,000 records to another thread, by the form in which it does. */
async function handingOver(): Promise<Record<string, number>> {
  const sink = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
  const records = Array.from({ length: 500 }, (_, i) => commandRecord("session-1", i + 1));
  const forms: Record<string, () => unknown> = {
    "JSON text, a row per record": () => records.map(rowOf),
    "JSON text, the whole batch as one": () => JSON.stringify(records),
    "objects, cloned (what the store does)": () => records,
  };
  const costs: Record<string, number> = Object.fromEntries(Object.keys(forms).map((form) => [form, 0]));
  const ROUNDS = 200;
  for (let round = -50; round < ROUNDS; round++) {
    // Turn by turn, and in processor time of this thread, so that a noisy machine hits all forms alike.
    for (const [form, make] of Object.entries(forms)) {
      const before = process.threadCpuUsage();
      sink.postMessage(make());
      const { user, system } = process.threadCpuUsage(before);
      // Microseconds per 500 records; the first rounds warm up.
      if (round >= 0) costs[form]! += ((user + system) * 2) / 1000 / ROUNDS;
      await new Promise(setImmediate);
    }
  }
  await sink.terminate();
  return costs;
}

const { values } = parseArgs({ options: { json: { type: "boolean" }, seconds: { type: "string", default: "1.5" } } });
const figures: Figures[] = [];
for (const addedCommitMs of ADDED_COMMIT_MS) {
  for (const inFlight of IN_FLIGHT) {
    for (const thread of ["main", "worker"] as const) {
      figures.push(await measure(thread, addedCommitMs, inFlight, Number(values.seconds) * 1000));
    }
  }
}
const handOverMsPer1000 = await handingOver();
if (values.json) {
  console.log(
    JSON.stringify({ recordBytes: JSON.stringify(commandRecord("session-1", 1)).length, figures, handOverMsPer1000 }),
  );
} else {
  console.table(
    figures.map((f) => ({
      "thread, +commit": `${f.thread} +${f.addedCommitMs} ms`,
      "in flight": f.inFlight,
      "appends/s": Math.round(f.appendsPerSecond),
      "p50 ms": Number(f.p50Ms.toFixed(2)),
      "p99 ms": Number(f.p99Ms.toFixed(2)),
      "loop delay p50": Number(f.loopDelayP50Ms.toFixed(2)),
      "loop delay p99": Number(f.loopDelayP99Ms.toFixed(2)),
      "loop delay max": Number(f.loopDelayMaxMs.toFixed(1)),
      "main CPU ms/1000": Number(f.mainCpuMsPer1000.toFixed(1)),
      "all CPU ms/1000": Number(f.processCpuMsPer1000.toFixed(1)),
    })),
  );
  console.log("main thread, ms per 1,000 records handed over:", handOverMsPer1000);
}
