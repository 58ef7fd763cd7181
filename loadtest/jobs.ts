import type { Endpoints } from "./endpoints.ts";
import type { LatenciesData } from "./latencies.ts";
import type { Pace } from "./player.ts";
import type { TablePlan } from "./table.ts";
import type { TallyData } from "./tally.ts";
import type { Outcome } from "./verdict.ts";

/** What a worker process is asked to do, about in this order: what goes in, and what comes back. */
export interface Jobs {
  join: { readonly ask: JoinJob; readonly answer: null };
  play: { readonly ask: PlayJob; readonly answer: null };
  /** every connection of this worker's clients is cut at once; may be asked while `play` goes on */
  cut: { readonly ask: null; readonly answer: null };
  report: { readonly ask: null; readonly answer: Report };
  leave: { readonly ask: null; readonly answer: null };
}

export interface JoinJob {
  readonly endpoints: Endpoints;
  readonly tables: readonly TablePlan[];
  readonly seed: number;
  /** round trip in ms added to every connection */
  readonly distantMs: number;
}

export interface PlayJob extends Pace {
  readonly seconds: number;
  /** players of this worker who leave and come back, per second */
  readonly churn: number;
  readonly settleLimitMs: number;
}

/** Since the job before was done. */
export interface Report {
  readonly tally: TallyData;
  /** at the end of what was played; empty before */
  readonly outcomes: readonly Outcome[];
  readonly cpuMs: number;
  /** how late this process' own timers were: where it is much, it is the clients who are slow */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

/** Told once a second while playing: what was acknowledged in that second, `index` from 0. */
export interface Second {
  readonly index: number;
  readonly acknowledged: LatenciesData;
}

export type Question = {
  [Name in keyof Jobs]: { readonly n: number; readonly job: Name; readonly ask: Jobs[Name]["ask"] };
}[keyof Jobs];
export type Reply = { readonly n: number; readonly answer: unknown } | { readonly n: number; readonly error: string };
