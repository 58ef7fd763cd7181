import { type LogRecord, RECORD_FORMAT } from "../src/core/record.ts";

/** Tables over which the appends are spread. */
const SESSIONS = 50;

/** Appends that a bench keeps under way. */
export const IN_FLIGHT = [1, 8, 64, 512] as const;

/** How one append is done. */
export type Append = (record: LogRecord) => Promise<unknown>;

export interface AppendFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** processor time of this process, and of this thread alone, per 1,000 appends */
  readonly cpuMsPer1000: number;
  readonly threadCpuMsPer1000: number;
}

/** A record with one command, some 400 bytes as JSON. */
export function commandRecord(sessionId: string, pos: number): LogRecord {
  const at = 1_700_000_000_000 + pos;
  const value = JSON.stringify({ x: pos % 40, y: pos % 30, hp: 17, conditions: ["prone"], note: "n".repeat(100) });
  const changes = [["shared/tokens/goblin-7", value]] as const;
  const command = { seq: pos, at, userId: "kim", id: `c-${pos}`, action: "set", changes };
  const content = { kind: "commands", commands: [command] } as const;
  return { v: RECORD_FORMAT, sessionId, pos, id: `${sessionId}-${pos}`, epoch: 1, at, content, audit: [] };
}

/**
 * Appends to 50 new sessions, so many under way all the time, for a quarter of `ms` to warm up and then for `ms`.
 * @param run makes the sessions new; `whenWarm` is called between the two
 */
export async function measureAppends(
  append: Append,
  { run, inFlight, ms, whenWarm }: { run: string; inFlight: number; ms: number; whenWarm?: () => void },
): Promise<AppendFigures> {
  const next = new Map<number, number>();
  const latencies: number[] = [];
  let turn = 0;
  const work = async (until: number) => {
    while (performance.now() < until) {
      const session = turn++ % SESSIONS;
      const pos = next.get(session) ?? 1;
      next.set(session, pos + 1);
      const from = performance.now();
      await append(commandRecord(`${run}-${session}`, pos));
      latencies.push(performance.now() - from);
    }
  };
  const all = (forMs: number) => {
    const until = performance.now() + forMs;
    return Promise.all(Array.from({ length: inFlight }, () => work(until)));
  };
  await all(ms / 4);
  latencies.length = 0;
  whenWarm?.();
  const [cpu, threadCpu, from] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
  await all(ms);
  const seconds = (performance.now() - from) / 1_000;
  const [used, threadUsed] = [process.cpuUsage(cpu), process.threadCpuUsage(threadCpu)];
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  const per1000 = ({ user, system }: NodeJS.CpuUsage) => (user + system) / latencies.length;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMsPer1000: per1000(used),
    threadCpuMsPer1000: per1000(threadUsed),
  };
}
