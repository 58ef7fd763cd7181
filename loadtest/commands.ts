import type { Command } from "../clients/js/src/command.ts";

/** The three kinds of command that an evening is made of, and how often each comes, relative to the others. */
export interface Mix {
  readonly set: number;
  readonly increment: number;
  readonly append: number;
}

export interface PlayCommand extends Command {
  readonly action: keyof Mix;
}

/** The counter that everybody at a table increments by 1: its final value is the number of increments, no more, no less. */
export const COUNTER_PATH = "shared/counter";
const LOG_PATH = "shared/log";
const LOG_MAX = 10;

/** Where a player writes when they sent what they send: who else sees it knows how long it took. */
export function stampPath(userId: string): string {
  return `shared/stamps/${userId}`;
}

/** A `set` value that tells when it was sent, padded with `padBytes` for size. */
export function stamp(sentAtMs: number, padBytes: number): string {
  return `${sentAtMs.toFixed(3)}|${"x".repeat(padBytes)}`;
}

/** When the `set` whose entry has this JSON text was sent, in ms; NaN for anything else. */
export function stampedAt(valueJson: string): number {
  return valueJson.startsWith('"') ? Number.parseFloat(valueJson.slice(1)) : Number.NaN;
}

/** Which kind comes next, by the weights of `mix`; `roll` is in [0, 1). */
export function chooseAction(mix: Mix, roll: number): keyof Mix {
  const point = roll * (mix.set + mix.increment + mix.append);
  if (point < mix.set) return "set";
  return point < mix.set + mix.increment ? "increment" : "append";
}

/** The command that `userId` sends now; `id` is theirs to keep unique. */
export function command(
  id: string,
  action: keyof Mix,
  userId: string,
  sentAtMs: number,
  padBytes: number,
): PlayCommand {
  switch (action) {
    case "set":
      return { id, action, payload: { path: stampPath(userId), value: stamp(sentAtMs, padBytes) } };
    case "increment":
      return { id, action, payload: { path: COUNTER_PATH, by: 1 } };
    case "append":
      return { id, action, payload: { path: LOG_PATH, values: [id], max: LOG_MAX } };
  }
}
