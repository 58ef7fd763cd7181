import assert from "node:assert/strict";
import { eventually, pause } from "./eventually.ts";
import { call } from "./http.ts";
import { type Ordeal, PEOPLE } from "./ordeal.ts";

/** Contract: refused as retryable within 5 s. */
export const REFUSED_WITHIN_MS = 5_000;
const HEALTHY_WITHIN_MS = 1_000;

/**
 * What holds while the store takes nothing and people play on: commands are refused in time, nothing new is shown, reads
 * and presence go on, nobody loses the connection, the process answers, and says that it is not ready.
 * @param ms how long it is watched
 * @param reads whether the store still answers reads; where it says nothing at all, they are 503 in the end
 */
export async function assertOutage(
  ordeal: Ordeal,
  ms: number,
  { reads }: { readonly reads: boolean } = { reads: true },
): Promise<void> {
  const { recorder, server, evening, seats } = ordeal;
  const pid = server.pid;
  const refusals = () => recorder.commands.reduce((sum, command) => sum + command.refusals.length, 0);
  const before = refusals();
  await eventually("commands are refused", () => refusals() >= before + PEOPLE.length, REFUSED_WITHIN_MS);
  const until = performance.now() + ms;
  const [gm, ana] = [seats.get("gm")!, seats.get("ana")!];
  const { seq } = gm.state;
  const read = () => evening.gm.ask<{ seq: number }>("GET", `${evening.path}/state`);
  const slowRead = reads
    ? undefined
    : call(server.url, "GET", `${evening.path}/state`, { token: evening.gm.token, withinMs: 15_000 });
  for (let round = 0; performance.now() < until; round += 1) {
    const asked = performance.now();
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    assert.ok(performance.now() - asked < HEALTHY_WITHIN_MS, "the process stood still");
    const kind = round % 2 === 0 ? "typing" : "rolling";
    await ana.room.request("activity", { kind });
    await gm.until("ana's activity", (state) => state.participants.get("ana")?.activity === kind, HEALTHY_WITHIN_MS);
    if (reads) assert.equal((await read()).body.seq, seq, "nothing new is recorded");
    assert.equal(gm.state.seq, seq, "nothing new is shown");
    await pause(200);
  }
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  if (slowRead !== undefined) assert.equal((await slowRead).status, 503);
  for (const seat of seats.values()) assert.equal(seat.closing, null, `${seat.userId} is still there`);
  assert.equal(server.pid, pid, "the process is the same");
  const codes = new Set(recorder.commands.flatMap((command) => command.refusals.map(({ code }) => code)));
  assert.ok(codes.has("journal_unavailable"));
  assert.ok(recorder.slowestMs < REFUSED_WITHIN_MS, `somebody waited ${recorder.slowestMs} ms`);
}

/** The store works again: so does everything, by itself. */
export async function assertRecovered({ recorder, server }: Ordeal, withinMs = 10_000): Promise<void> {
  const answered = () => recorder.commands.filter(({ answers }) => answers.length > 0).length;
  const before = answered();
  await eventually("commands are accepted", () => answered() > before + 2 * PEOPLE.length, withinMs);
  await eventually("readiness", async () => (await fetch(`${server.url}/readyz`)).status === 200, withinMs);
}
