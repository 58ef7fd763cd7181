import { setTimeout as delay } from "node:timers/promises";
import type { Mix } from "./commands.ts";
import { costs, grownKib } from "./costs.ts";
import { Crew } from "./crew.ts";
import { webSockets } from "./endpoints.ts";
import type { Report } from "./jobs.ts";
import type { Latencies } from "./latencies.ts";
import { figuresOf, processFigures } from "./process-figures.ts";
import type { EveningResult } from "./result.ts";
import type { Size } from "./stage.ts";
import { Tally } from "./tally.ts";
import type { Target } from "./target.ts";
import { Timeline } from "./timeline.ts";
import { faultsOf } from "./verdict.ts";

export interface EveningOptions extends Size {
  /** commands per second per player */
  readonly rate: number;
  readonly seconds: number;
  /** players who leave and come back, per second, of all */
  readonly churn: number;
  /** ms added to every round trip */
  readonly distant: number;
  /** bytes added to every `set` */
  readonly bytes: number;
  readonly mix: Mix;
  readonly seed: number;
  /** processes with clients */
  readonly workers: number;
}

export const EVENING_DEFAULTS: EveningOptions = {
  sessions: 10,
  players: 5,
  slow: 0,
  rate: 1,
  seconds: 30,
  churn: 0,
  distant: 0,
  bytes: 0,
  mix: { set: 6, increment: 3, append: 1 },
  seed: 1,
  workers: 2,
};

/** Something that happens to everybody in the middle of play. */
export interface Incident {
  readonly afterSeconds: number;
  /** `cut`: every client's connection at once; whatever is wrong besides is up to it */
  readonly happen: (cut: () => Promise<unknown>) => Promise<unknown>;
}

/** What is told while an evening goes on. */
export type OnProgress = (line: string) => void;

const SETTLE_LIMIT_MS = 30_000;
/** a breath after joining, so that what joins cost is not counted as play */
const CALM_MS = 1000;
const CURVE_PERCENTS = [0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.9, 99.99, 100];

/**
 * Plays one evening on `target`: sets the tables, lets everybody join, play and settle, and measures. Worker processes are
 * gone when it returns or throws; the target is the caller's to stop.
 */
export async function playEvening(
  target: Target,
  options: EveningOptions,
  onProgress: OnProgress,
  incident: Incident | null = null,
): Promise<EveningResult> {
  onProgress(`setting ${options.sessions} tables`);
  const tables = await target.stage(options);
  const timeline = new Timeline(target.pids, onProgress);
  const crew = new Crew(Math.min(options.workers, tables.length), (second) => timeline.hear(second));
  try {
    const share = <T>(items: readonly T[], worker: number) => items.filter((_, index) => index % crew.size === worker);
    await crew.ready();
    onProgress("joining");
    const empty = figuresOf(target.pids);
    const joiningMs = performance.now();
    await crew.all(
      "join",
      Array.from({ length: crew.size }, (_, worker) => ({
        endpoints: webSockets(target.endpoints),
        tables: share(tables, worker),
        seed: options.seed + worker,
        distantMs: options.distant,
      })),
    );
    const joinSeconds = (performance.now() - joiningMs) / 1000;
    const joined = gather(await crew.each("report", null));
    await delay(CALM_MS);

    const { pids } = target;
    const full = figuresOf(pids);
    const before = pids.map(processFigures);
    const playingMs = performance.now();
    timeline.start();
    const { rate, mix, seconds } = options;
    const churn = options.churn / crew.size;
    const playing = crew.each("play", {
      ...{ rate, mix, padBytes: options.bytes, seconds, churn, settleLimitMs: SETTLE_LIMIT_MS },
    });
    const disturbing =
      incident === null
        ? null
        : delay(incident.afterSeconds * 1000).then(() => incident.happen(() => crew.each("cut", null)));
    await Promise.all([playing, disturbing]);
    const playedSeconds = (performance.now() - playingMs) / 1000;
    timeline.stop();
    // after a restart it is another process, and the difference means nothing
    const after = target.pids.map((pid, index) => (pid === pids[index] ? processFigures(pid) : null));
    const reports = await crew.each("report", null);
    await crew.each("leave", null);

    const played = gather(reports);
    const acknowledged = played.acknowledgedMs.count;
    return {
      at: new Date().toISOString(),
      options,
      joins: {
        count: joined.joinMs.count,
        perSecond: joined.joinMs.count / joinSeconds,
        ms: joined.joinMs.summary(),
      },
      commands: {
        sent: played.sent,
        acknowledged,
        perSecond: acknowledged / seconds,
        duplicates: played.duplicates,
        ms: played.acknowledgedMs.summary(),
      },
      visibleMs: played.visibleMs.summary(),
      backMs: played.backMs.summary(),
      delivered: played.delivered,
      bytesPerCommand: ratio(played.bytesReceived, acknowledged),
      bytesPerDelivery: ratio(played.bytesReceived, played.delivered),
      refused: added(joined.refused, played.refused),
      closed: added(joined.closed, played.closed),
      ...costs(before, after, playedSeconds, played.delivered),
      kibPerClient: grownKib(empty, full, joined.joinMs.count),
      clients: clientsCost(reports, playedSeconds),
      timeline: timeline.moments,
      curve: curve(played.acknowledgedMs, played.visibleMs),
      faults: reports.flatMap((report) =>
        report.outcomes.flatMap((outcome) => faultsOf(outcome, target.keepsContract)),
      ),
    };
  } finally {
    timeline.stop();
    crew.dismiss();
  }
}

function gather(reports: readonly Report[]): Tally {
  const tally = new Tally();
  for (const report of reports) tally.add(report.tally);
  return tally;
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...a };
  for (const [code, times] of Object.entries(b)) sum[code] = (sum[code] ?? 0) + times;
  return sum;
}

function clientsCost(reports: readonly Report[], seconds: number): EveningResult["clients"] {
  const cpuMs = reports.reduce((sum, report) => sum + report.cpuMs, 0);
  return {
    cpuShare: cpuMs / (seconds * 1000),
    loopP99Ms: Math.max(...reports.map((report) => report.loopP99Ms)),
    loopMaxMs: Math.max(...reports.map((report) => report.loopMaxMs)),
  };
}

function curve(acknowledged: Latencies, visible: Latencies): EveningResult["curve"] {
  return CURVE_PERCENTS.map((percent) => [percent, acknowledged.percentile(percent), visible.percentile(percent)]);
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
