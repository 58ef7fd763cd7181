import type { Target } from "../loadtest/target.ts";

/** Servers to measure, each by how it is started. */
export type Contenders = Readonly<Record<string, () => Promise<Target>>>;

/**
 * Measures every contender `rounds` times, each time on a fresh server, by turns: what else the machine does then meets all
 * of them alike. The order turns by one each round.
 */
export async function byTurns<T>(
  contenders: Contenders,
  rounds: number,
  measure: (target: Target, contender: string) => Promise<T>,
): Promise<Map<string, T[]>> {
  const all = Object.entries(contenders);
  const measured = new Map<string, T[]>(all.map(([contender]) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    const turned = [...all.slice(round % all.length), ...all.slice(0, round % all.length)];
    for (const [contender, start] of turned) {
      const target = await start();
      try {
        measured.get(contender)?.push(await measure(target, contender));
      } finally {
        await target.stop();
      }
    }
  }
  return measured;
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** A row of figures, the first one ours, each other with how many times as much ours is. */
export function ratioCells(
  [ours = Number.NaN, ...others]: readonly number[],
  show: (value: number) => string,
): string[] {
  return [
    show(ours),
    ...others.flatMap((other) => [show(other), Number.isFinite(ours / other) ? `× ${show(ours / other)}` : "–"]),
  ];
}
