import { setTimeout as delay } from "node:timers/promises";
import { Latencies } from "./latencies.ts";

const STEP_MS = 20;
const TIMEOUT_MS = 10_000;

export interface Probe {
  /** how long the server took to answer the smallest request there is: as long as its event loop was busy, or it was away */
  readonly answerMs: Latencies;
  stop(): Promise<void>;
}

/** Asks `url` again and again, each time as soon as the last answer is there, and at most every 20 ms. */
export function probe(url: string): Probe {
  const answerMs = new Latencies();
  const stopping = new AbortController();
  const asking = (async () => {
    let askedMs = performance.now();
    while (!stopping.signal.aborted) {
      if (await answers(url)) {
        answerMs.record(performance.now() - askedMs);
        await delay(STEP_MS);
        askedMs = performance.now();
      } else await delay(STEP_MS);
    }
  })();
  return {
    answerMs,
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
