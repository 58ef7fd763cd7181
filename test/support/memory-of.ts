import { readFileSync } from "node:fs";

const MIB = 1024;

/** Resident memory of a process, now and at most so far, in MiB. Undefined where the system does not tell (other than Linux). */
export function memoryOf(pid: number): { readonly now: number; readonly most: number } | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined;
  }
  const mebibytes = (field: string) =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / MIB);
  return { now: mebibytes("VmRSS"), most: mebibytes("VmHWM") };
}
