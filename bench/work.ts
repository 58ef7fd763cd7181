import "../loadtest/node-websocket.ts";
import { Client, type Room } from "@colyseus/sdk";
import { readFlags } from "../loadtest/options.ts";
import { processFigures } from "../loadtest/process-figures.ts";
import { figure, tableText } from "../loadtest/table-text.ts";
import { ownTarget } from "../loadtest/target.ts";
import { endAfter } from "../loadtest/time-limit.ts";

/**
 * What a unit of each kind of work costs the server, in microseconds of CPU of all its threads: one GM works, one player
 * watches (docs/decisions/0011-budget-of-work.md). CPU time, not the clock's: it can be measured on a busy machine.
 */

const LIMIT_SECONDS = 300;
const ENTRIES = 9_000;
const KIB = 1024;

interface Kind {
  readonly name: string;
  /** units of one command or message, by the contract's count */
  readonly units: number;
  readonly times: number;
  /** @param n counts from 0 */
  readonly message: (n: number) => readonly [type: string, payload: unknown];
}

let ids = 0;
const command = (action: string, payload: unknown, expect?: object): readonly [string, unknown] => [
  "command",
  { id: `w${ids++}`, action, payload, ...(expect === undefined ? {} : { expect }) },
];
const leaves = (count: number, value: unknown, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`e${from + i}`, value]));
const kib = (payload: unknown): number => JSON.stringify(payload).length / KIB;

const text = "x".repeat(15 * KIB);
const wrong = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`shared/full/e${i}`, 99]));
const list = Array.from({ length: 5_000 }, (_, i) => i % 100);
const names = leaves(18_000, 1);
const move = (n: number) =>
  n % 2 === 0 ? { from: "shared/full", to: "shared/moved" } : { from: "shared/moved", to: "shared/full" };

const KINDS: readonly Kind[] = [
  {
    name: "a small command (increment): 1 KiB decoded, 1 entry",
    units: 2,
    times: 2_000,
    message: () => command("increment", { path: "shared/n", by: 1 }),
  },
  {
    name: "entries put in their own place, 1,000 a command",
    units: 1_000 + 30,
    times: 40,
    message: (n) => command("merge", { path: "shared/full", value: leaves(1_000, n) }),
  },
  {
    name: "entries moved (removed and put), 18,000 a command",
    units: 2 * ENTRIES,
    times: 10,
    message: (n) => command("move", move(n)),
  },
  {
    name: "KiB decoded and written, 15 values of 15 KiB a command",
    units: 2 * 15 * 15 + 15,
    times: 40,
    message: (n) => command("set", { path: "shared/large", value: leaves(15, `${n % 10}${text}`) }),
  },
  {
    name: "entries named in expect, wrong ones, 6,000 a command",
    units: 6_000 + kib(wrong),
    times: 20,
    message: () => command("set", { path: "shared/n", value: 1 }, wrong),
  },
  {
    name: "KiB decoded, texts, refused (unknown action)",
    units: 225,
    times: 60,
    message: () => command("none", leaves(15, text)),
  },
  {
    name: "KiB decoded, lists of numbers, refused",
    units: (3 * list.length * 8) / KIB,
    times: 60,
    message: () => command("none", leaves(8, list)),
  },
  {
    name: "keys decoded (16 are a unit), refused",
    units: 18_000 / 16,
    times: 40,
    message: () => command("none", names),
  },
  { name: "entries hashed for a digest", units: ENTRIES, times: 20, message: () => ["digest", {}] },
];

readFlags(process.argv.slice(2), {});
endAfter(LIMIT_SECONDS);
const target = await ownTarget({ RATE_WORK: "0" });
const [plan] = await target.stage({ sessions: 1, players: 1, slow: 0 });
const enter = async ({ token }: { readonly token: string }): Promise<Room> => {
  const client = new Client(target.endpoint);
  client.auth.token = token;
  const room = await client.joinOrCreate("session", { sessionId: plan!.sessionId });
  room.onMessage("*", () => undefined);
  return room;
};
const gm = await enter(plan!.gm);
const player = await enter(plan!.players[0]!);
for (let from = 0; from < ENTRIES; from += 3_000) {
  await gm.request("command", command("merge", { path: "shared/full", value: leaves(3_000, 0, from) })[1]);
}
const cpuMs = () => processFigures(target.pid!)?.cpuMs ?? Number.NaN;
const run = async ({ message }: Kind, from: number, times: number): Promise<void> => {
  for (let n = from; n < from + times; n++) {
    const [type, payload] = message(n);
    await gm.request(type, payload, { timeout: 60_000 }).catch(() => undefined);
  }
};
const rows: string[][] = [["", "µs a unit", "units", "ms a command"]];
for (const kind of KINDS) {
  await run(kind, 0, Math.ceil(kind.times / 4) * 2); // warm, and back where it began
  const before = cpuMs();
  await run(kind, 0, kind.times);
  const spent = cpuMs() - before;
  const units = kind.units * kind.times;
  rows.push([kind.name, figure((spent * 1_000) / units), figure(kind.units), figure(spent / kind.times)]);
}
console.log(tableText(rows));
await Promise.all([gm.leave(), player.leave()]);
await target.stop();
process.exit(0);
