import { memoryStorage } from "../../clients/js/src/memoryStorage.ts";
import { Table, type TableOptions } from "../../clients/js/src/table.ts";
import { FakeDoor, FakeState } from "./fakeRoom.ts";
import { HandCrankedClock, settle } from "./handCranked.ts";

/** An unsigned token whose `sub` can be read. @param jti tells one of a person's tokens from another */
export function tokenOf(userId: string, jti?: number): string {
  return `e30.${Buffer.from(JSON.stringify({ sub: userId, jti })).toString("base64url")}.x`;
}

let lives = 0;

/** A table on a hand-cranked clock with a fake door; ids are `<life>-1`, `<life>-2`, … */
export function fakeTable(options: Partial<TableOptions> = {}) {
  const clock = (options.clock as HandCrankedClock | undefined) ?? new HandCrankedClock();
  const door = new FakeDoor(() => clock.now());
  const life = ++lives;
  let ids = 0;
  const table = new Table({
    clock,
    join: door.join,
    probe: async () => false,
    storage: memoryStorage(),
    token: tokenOf("kim"),
    joinOptions: { sessionId: "s1" },
    userId: undefined,
    optimistic: true,
    inFlight: 1,
    maxWaiting: 1000,
    joinTimeoutMs: 15_000,
    requestTimeoutMs: 10_000,
    pingEveryMs: 5000,
    pingTimeoutMs: 8000,
    reportLatency: false,
    newId: () => `${life}-${++ids}`,
    ...options,
  });
  const told: { readonly name: string; readonly event: unknown }[] = [];
  for (const name of [
    "status",
    "presence",
    "knock",
    "change",
    "committed",
    "refused",
    "lost",
    "back",
    "closed",
  ] as const) {
    table.on(name, (event) => void told.push({ name, event }));
  }
  for (const name of ["diverged", "latency", "message", "trouble"] as const) {
    table.on(name, (event) => void told.push({ name, event }));
  }
  const named = (name: string) => told.filter((one) => one.name === name).map((one) => one.event);
  return { table, clock, door, told, named };
}

/** The same, joined and with its first state. */
export async function openTable(options: Partial<TableOptions> = {}, state = new FakeState()) {
  const fake = fakeTable(options);
  await fake.clock.turn(0);
  fake.door.room.shows(state);
  await settle();
  return { ...fake, state };
}
