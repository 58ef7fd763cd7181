import { mixOf, readFlags } from "../loadtest/options.ts";
import { EVENING_DEFAULTS, playEvening } from "../loadtest/play.ts";
import { tableText } from "../loadtest/table-text.ts";
import { endAfter } from "../loadtest/time-limit.ts";
import { byTurns, ratioCells } from "./rounds.ts";
import { CONTENDERS } from "./targets.ts";

/** How many bytes one action costs each of those who see it, by kind of action: WebSocket frames, headers included. */

const EVENINGS = [
  ["set, a short text", { mix: mixOf("set"), bytes: 0 }],
  ["set, 500 bytes more", { mix: mixOf("set"), bytes: 500 }],
  ["increment", { mix: mixOf("increment"), bytes: 0 }],
  ["append to the newest 10", { mix: mixOf("append"), bytes: 0 }],
] as const;
const ONE_TABLE = { ...EVENING_DEFAULTS, sessions: 1, players: 6, rate: 5, seconds: 6, workers: 1 };
const LIMIT_SECONDS = 600;

readFlags(process.argv.slice(2), {});
endAfter(LIMIT_SECONDS);
const measured = await byTurns(CONTENDERS, 1, async (target) => {
  const bytes: number[] = [];
  for (const [, evening] of EVENINGS) {
    const result = await playEvening(target, { ...ONE_TABLE, ...evening }, () => {});
    bytes.push(result.bytesPerDelivery);
  }
  return bytes;
});
const columns = [...measured.values()].map(([only]) => only ?? []);
const [ours, ...others] = measured.keys();
const rows = EVENINGS.map(([name], row) => [
  name,
  ...ratioCells(
    columns.map((column) => column[row] ?? Number.NaN),
    (value) => value.toFixed(value < 10 ? 2 : 0),
  ),
]);
console.log("Bytes received per delivery (the sender's answer is shared out among them)");
console.log(tableText([["", ours ?? "", ...others.flatMap((name) => [name, ""])], ...rows]));
