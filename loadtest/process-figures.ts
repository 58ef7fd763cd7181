import { readFileSync } from "node:fs";

/** Linux counts the CPU time of processes in these, whatever the kernel's own timer does (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

export interface ProcessFigures {
  /** CPU time used since its start, user and system, in ms, by steps of 10 */
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

/** What a process and those that it started use, from /proc; null where there is no such process, or no /proc. */
export function processFigures(pid: number): ProcessFigures | null {
  try {
    // the second field is the name in brackets, and may itself hold blanks and brackets
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const ticks = Number(stat[11]) + Number(stat[12]);
    const own = {
      cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
      rssMiB: kibibytes(status, "VmRSS") / 1024,
      peakRssMiB: kibibytes(status, "VmHWM") / 1024,
    };
    return children(pid)
      .map(processFigures)
      .reduce<ProcessFigures>((sum, child) => (child === null ? sum : plus(sum, child)), own);
  } catch {
    return null;
  }
}

/** Of several processes together; null where there are none, or one of them is gone. */
export function figuresOf(pids: readonly number[]): ProcessFigures | null {
  const each = pids.map(processFigures).filter((figures) => figures !== null);
  return pids.length === 0 || each.length < pids.length ? null : each.reduce(plus);
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
}

function plus(a: ProcessFigures, b: ProcessFigures): ProcessFigures {
  return { cpuMs: a.cpuMs + b.cpuMs, rssMiB: a.rssMiB + b.rssMiB, peakRssMiB: a.peakRssMiB + b.peakRssMiB };
}
