import { setTimeout as delay } from "node:timers/promises";
import { webSockets } from "../loadtest/endpoints.ts";
import { numberOf, readFlags } from "../loadtest/options.ts";
import { figuresOf } from "../loadtest/process-figures.ts";
import { Seat } from "../loadtest/seat.ts";
import type { TablePlan } from "../loadtest/table.ts";
import { figure, tableText } from "../loadtest/table-text.ts";
import { Tally } from "../loadtest/tally.ts";
import { ownTarget, type Target } from "../loadtest/target.ts";
import { endAfter } from "../loadtest/time-limit.ts";
import { byTurns, ratioCells } from "./rounds.ts";
import { bareTarget } from "./targets.ts";

/**
 * Joining a session that holds much: one person after the other, from asking until the whole state is there. Flags: `--joins N`
 * (100) at each size.
 */

const SIZES = [100, 1000, 10_000];
const PER_COMMAND = 500;
const VALUE = "forty characters of an ordinary handout.";
const LIMIT_SECONDS = 900;
/** the encoder's buffer, as the warning of a bare room that is too small for its state asks for */
const BARE_BUFFER_KIB = 4096;

interface Joins {
  readonly p50: number;
  readonly p99: number;
  readonly kib: number;
  readonly serverCpuMs: number;
}

const { values } = readFlags(process.argv.slice(2), { joins: { type: "string" } });
const joins = Math.trunc(numberOf(values, "joins", 1, 400) ?? 100);
endAfter(LIMIT_SECONDS);
console.info = () => {};

const contenders = { ours: () => ownTarget(), bare: () => bareTarget({ BUFFER_KIB: String(BARE_BUFFER_KIB) }) };
const rows: string[][] = [["entries", "", "ours", "bare", ""]];
for (const entries of SIZES) {
  const measured = await byTurns(contenders, 1, (target) => joinOneByOne(target, entries));
  const both = [...measured.values()].map(([only]) => only);
  const row = (name: string, of: (of: Joins) => number) =>
    rows.push([
      String(entries),
      name,
      ...ratioCells(
        both.map((one) => (one === undefined ? Number.NaN : of(one))),
        figure,
      ),
    ]);
  row("join p50, ms", ({ p50 }) => p50);
  row("join p99, ms", ({ p99 }) => p99);
  row("received per join, KiB", ({ kib }) => kib);
  row("server CPU per join, ms", ({ serverCpuMs }) => serverCpuMs);
}
console.log(`${joins} joins at each size, one after the other; the client's decoding is in it, × is ours in relation`);
console.log(tableText(rows));

async function joinOneByOne(target: Target, entries: number): Promise<Joins> {
  const [table] = await target.stage({ sessions: 1, players: joins, slow: 0 });
  if (table === undefined) throw new Error("no table");
  const tally = new Tally();
  const gm = seatAt(target, table, table.gm, tally);
  await gm.take();
  await fill(gm, entries, target.keepsContract);
  await delay(1000);

  tally.reset();
  const before = figuresOf(target.pids);
  for (const person of table.players) {
    const seat = seatAt(target, table, person, tally);
    await seat.take();
    const seen = seat.state?.entries.size;
    if (seen !== entries) throw new Error(`joined with ${seen} entries, not ${entries}`);
    await seat.leave();
  }
  const after = figuresOf(target.pids);
  await gm.leave();
  const { p50, p99 } = tally.joinMs.summary();
  return {
    p50,
    p99,
    kib: tally.bytesReceived / joins / 1024,
    serverCpuMs: before === null || after === null ? Number.NaN : (after.cpuMs - before.cpuMs) / joins,
  };
}

function seatAt(target: Target, table: TablePlan, person: TablePlan["gm"], tally: Tally): Seat {
  return new Seat(webSockets(target.endpoints), table.sessionId, person, tally, () => {});
}

/** `entries` entries in commands of 500: ours takes an object apart, the bare room has an action of its own for it. */
async function fill(gm: Seat, entries: number, keepsContract: boolean): Promise<void> {
  for (let at = 0; at < entries; at += PER_COMMAND) {
    const count = Math.min(PER_COMMAND, entries - at);
    const path = `shared/fill/${at}`;
    const leaves = Object.fromEntries(Array.from({ length: count }, (_, n) => [String(n), VALUE]));
    const command = keepsContract
      ? { action: "set", payload: { path, value: leaves } }
      : { action: "fill", payload: { path, value: VALUE, count } };
    await gm.command({ id: `fill-${at}`, ...command });
  }
}
