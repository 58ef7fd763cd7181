import { setTimeout as wait } from "node:timers/promises";
import { examine } from "../archive/doctor/examine.ts";
import { jsonLineOf, jsonSummaryLine, lineOf, summaryLine } from "../archive/doctor/lines.ts";
import type { Totals } from "../archive/doctor/store-look.ts";
import { loadConfig } from "../config.ts";
import { openStores } from "../open-stores.ts";
import { parseArguments, WrongArguments } from "./arguments.ts";
import { runCommand } from "./command.ts";

const USAGE = "usage: npm run doctor -- [--mend] [--json]";
const OPTIONS = { mend: { type: "boolean", default: false }, json: { type: "boolean", default: false } } as const;
/** Nobody waits for so long without a sign, nor needs one before. */
const PROGRESS_EVERY_MS = 2_000;

/** Errors that are ours. */
const SPOKEN = ["WrongArguments", "ConfigProblems", "CannotOpenData", "StoreUnavailable", "OutcomeUnknown"];

/** Exit codes: nothing worse than a note is left; something is; it could not look. */
const EXIT = { well: 0, wrong: 1, notLooked: 2 } as const;

/**
 * `npm run doctor`: looks over the store that the configuration names, prints what it found, and changes nothing
 * without `--mend`. @returns the exit code
 */
async function doctor(args: string[]): Promise<number> {
  const { values, operands } = parseArguments(args, { options: OPTIONS, usage: USAGE });
  if (operands.length > 0) throw new WrongArguments(`it takes options alone\n${USAGE}`);
  const { mend, json } = values;
  const config = loadConfig();
  const startedAt = performance.now();
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const summary = await examine(mend, {
    open: (forReading) => openStores(config, { forReading }),
    now: Date.now,
    wait,
    tell: (told) => print(json ? jsonLineOf(told) : lineOf(told)),
    onProgress: progress(startedAt),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  print(json ? jsonSummaryLine(summary, seconds) : summaryLine(summary, seconds));
  return summary.wrong.warning + summary.wrong.damage === 0 ? EXIT.well : EXIT.wrong;
}

/** A line on stderr from time to time, for a person who waits. */
function progress(startedAt: number): (totals: Totals) => void {
  let toldAt = startedAt;
  return ({ sessions, records }) => {
    if (!process.stderr.isTTY || performance.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = performance.now();
    process.stderr.write(`… ${sessions} sessions, ${records} records so far\n`);
  };
}

/** Messages of our own say what to do; any other may quote what is stored. */
function told(error: Error): string {
  if (SPOKEN.some((name) => error.name === name)) return error.message;
  const place = error.stack?.match(/\n +at .*/g)?.join("") ?? "";
  return `it broke off: ${error.name}${place}`;
}

await runCommand(doctor, { exitCode: EXIT.notLooked, tell: told });
