import { chmodSync, lstatSync, type Stats, statSync } from "node:fs";
import { makeFolder } from "./make-folder.ts";

/** Rights of everybody but the owner. */
const OTHERS = 0o077;

/** From here on what this process makes can be read by its owner alone. To be called at its start. */
export function keepForOwner(): void {
  process.umask(OTHERS);
}

/**
 * Takes the rights of everybody else to a file or folder away. What is not there, is another user's, or lies on a file
 * system without rights is left as it is.
 */
export function tighten(path: string): void {
  try {
    const stat = statSync(path);
    if (isOurs(stat) && (stat.mode & OTHERS) !== 0) chmodSync(path, stat.mode & 0o700);
  } catch {
    // It is no worse than it was.
  }
}

/** A folder in which nobody else can ever have put anything, made where it is missing; undefined where there is none. */
export function ownersFolder(path: string): string | undefined {
  try {
    makeFolder(path);
    const stat = lstatSync(path);
    return stat.isDirectory() && isOurs(stat) && (stat.mode & OTHERS) === 0 ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Windows has no such numbers, and no modes either. */
function isOurs({ uid }: Stats): boolean {
  return uid === process.geteuid?.();
}
