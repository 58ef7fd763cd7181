import { webSockets } from "../loadtest/endpoints.ts";
import { Latencies } from "../loadtest/latencies.ts";
import { type ProcessFigures, processFigures } from "../loadtest/process-figures.ts";
import { Seat } from "../loadtest/seat.ts";
import { Tally } from "../loadtest/tally.ts";
import type { Engines } from "./engines.ts";
import { severalProcesses } from "./several-processes.ts";

const REQUESTS = 500;
const WARM_UP = 100;

/** One request after the other, on one connection. */
export interface AskingFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU-ms per 1,000 requests */
  readonly host: number;
  readonly other: number;
}

/** A session's row and its state, asked of its host and of another process, by turns. */
export async function askingFigures(engines: Engines, rounds: number): Promise<Map<string, AskingFigures[]>> {
  const target = await severalProcesses(engines, { processes: 2, hosts: [0] });
  try {
    const [table] = await target.stage({ sessions: 1, players: 1, slow: 0 });
    if (table === undefined) throw new Error("no table");
    // with nobody in it the session would be closed, and answered about from the store
    const gm = new Seat(webSockets(target.endpoints), table.sessionId, table.gm, new Tally(), () => {});
    await gm.take();
    const figures = new Map<string, AskingFigures[]>();
    const session = `/api/sessions/${table.sessionId}`;
    const ways = [session, `${session}/state`].flatMap((path, index) =>
      target.all.map((endpoint, asked) => ({
        name: `${index === 0 ? "the session's row" : "its state"}, ${asked === 0 ? "at its host" : "by way of another"}`,
        url: endpoint + path,
      })),
    );
    for (let round = 0; round < rounds; round++) {
      for (const { name, url } of ways) {
        await ask(url, table.gm.token, WARM_UP);
        const before = target.pids.map(processFigures);
        const latencies = await ask(url, table.gm.token, REQUESTS);
        const after = target.pids.map(processFigures);
        const of = (n: number) => used(before[n], after[n]) / (REQUESTS / 1000);
        const { p50, p99 } = latencies.summary();
        figures.set(name, [...(figures.get(name) ?? []), { p50Ms: p50, p99Ms: p99, host: of(0), other: of(1) }]);
      }
    }
    return figures;
  } finally {
    await target.stop();
  }
}

async function ask(url: string, token: string, times: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let n = 0; n < times; n++) {
    const since = performance.now();
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`GET ${url}: ${answer.status}`);
    latencies.record(performance.now() - since);
  }
  return latencies;
}

function used(before: ProcessFigures | null | undefined, after: ProcessFigures | null | undefined): number {
  return before && after ? after.cpuMs - before.cpuMs : Number.NaN;
}
