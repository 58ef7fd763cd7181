import { freemem, totalmem } from "node:os";

/** What an operator is told of this process, as the Colyseus monitor's panel wants it. */
export interface MachineFigures {
  /** of one core, in percent, since it was last asked for */
  readonly cpu: number;
  readonly memory: {
    readonly totalMemMb: number;
    readonly usedMemMb: number;
    readonly rssMb: number;
    readonly processId: string;
  };
}

const MB = 1024 * 1024;
/** Over less time a figure says nothing. */
const SHORTEST_MS = 1_000;

/** @returns what tells them: nothing is done while nobody asks */
export function machineFigures(processId: string): () => MachineFigures {
  let since = { at: performance.now(), usage: process.cpuUsage() };
  let cpu = 0;
  return () => {
    const now = performance.now();
    if (now - since.at >= SHORTEST_MS) {
      const usage = process.cpuUsage();
      const microseconds = usage.user + usage.system - since.usage.user - since.usage.system;
      cpu = Math.round(microseconds / (now - since.at)) / 10;
      since = { at: now, usage };
    }
    const totalMemMb = Math.round(totalmem() / MB);
    const usedMemMb = Math.round((totalmem() - freemem()) / MB);
    return { cpu, memory: { totalMemMb, usedMemMb, rssMb: process.memoryUsage.rss() / MB, processId } };
  };
}
