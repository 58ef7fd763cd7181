import { writeFileSync } from "node:fs";
import { MEASURES } from "../loadtest/measures.ts";
import { EVENING_FLAGS, eveningOptions, numberOf, readFlags } from "../loadtest/options.ts";
import { type EveningOptions, playEvening } from "../loadtest/play.ts";
import { liveLine } from "../loadtest/progress.ts";
import type { EveningResult } from "../loadtest/result.ts";
import { figure, tableText } from "../loadtest/table-text.ts";
import { endAfter } from "../loadtest/time-limit.ts";
import { byTurns, median, ratioCells } from "./rounds.ts";
import { CONTENDERS } from "./targets.ts";

/** joining, settling and stopping may take this much longer than the play of a round itself */
const EXTRA_LIMIT_SECONDS = 180;

/**
 * The same evening on ours and on bare Colyseus rooms, by turns; prints the medians with ratios. Flags: those of an evening,
 * `--rounds N` (3), `--json FILE` for every round's figures.
 * @param measures the names of the figures to print; all by default
 * @throws if anything was lost, duplicated or seen differently in any round
 */
export async function sideBySide(
  args: readonly string[],
  defaults: EveningOptions,
  measures: readonly string[] = MEASURES.map(({ name }) => name),
): Promise<void> {
  const { values } = readFlags(args, { ...EVENING_FLAGS, rounds: { type: "string" }, json: { type: "string" } });
  const options = eveningOptions(values, defaults);
  const rounds = Math.trunc(numberOf(values, "rounds", 1, 100) ?? 3);
  endAfter((options.seconds + EXTRA_LIMIT_SECONDS) * rounds * Object.keys(CONTENDERS).length);

  const live = liveLine(process.stderr);
  const results = await byTurns(CONTENDERS, rounds, (target, contender) =>
    playEvening(target, options, (line) => live.show(`${contender}: ${line}`)),
  );
  live.done();
  console.log(eveningText(options, rounds));
  console.log(resultsText(results, measures));
  if (typeof values.json === "string") {
    writeFileSync(values.json, `${JSON.stringify(Object.fromEntries(results), null, 1)}\n`);
  }
  const faults = [...results].flatMap(([contender, of]) =>
    of.flatMap(({ faults: all }) => all.map((one) => `${contender}: ${one}`)),
  );
  if (faults.length > 0) throw new Error(`faults:\n${faults.join("\n")}`);
}

function eveningText({ sessions, players, rate, seconds }: EveningOptions, rounds: number): string {
  const what = `${sessions} sessions × (${players} players + a GM) × ${rate} commands a second per player, ${seconds} s`;
  return `${what}; medians of ${rounds} rounds, × is ours in relation`;
}

function resultsText(results: ReadonlyMap<string, readonly EveningResult[]>, measures: readonly string[]): string {
  const [ours, ...others] = results.keys();
  const rows = MEASURES.filter(({ name }) => measures.includes(name)).map(({ name, of }) => {
    const medians = [...results.values()].map((rounds) => median(rounds.map((result) => of(result) ?? Number.NaN)));
    return [name, ...ratioCells(medians, figure)];
  });
  return tableText([["", ours ?? "", ...others.flatMap((name) => [name, ""])], ...rows]);
}
