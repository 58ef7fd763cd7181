import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import type { Ordeal } from "./ordeal.ts";

/** Contract: a command that cannot be stored is refused within 5 s. */
export const ANSWERED_WITHIN_MS = 5_000;

/** How many commands had to be sent again: what the faults hit. */
export function sentAgain({ recorder }: Ordeal): number {
  return recorder.commands.filter(({ sentAt }) => sentAt.length > 1).length;
}

/** Everybody got an answer or a refusal to everything, in time, and nobody was put out: of a server that ran all the time. */
export function wasAnsweredThroughout({ recorder, seats }: Ordeal): void {
  const { commands, slowestMs } = recorder;
  const silent = commands.filter((one) => one.answers.length + one.refusals.length < one.sentAt.length);
  assert.deepEqual(
    silent.map(({ id }) => id),
    [],
    "no command stays without an answer",
  );
  assert.ok(slowestMs < ANSWERED_WITHIN_MS, `somebody waited ${slowestMs} ms`);
  for (const { userId, closing } of seats.values()) assert.equal(closing, null, `${userId} was put out`);
}

/** Commands are accepted again, without anybody's doing. */
export async function goesOn({ recorder }: Ordeal): Promise<void> {
  const answers = () => recorder.commands.reduce((sum, command) => sum + command.answers.length, 0);
  const before = answers();
  await eventually("accepted commands", () => answers() > before + 10, 15_000);
}
