import { createHash } from "node:crypto";

interface EntryView {
  readonly value: string;
  readonly version: number;
}

/**
 * The digest of contract section 8 over what a client holds, 16 lower-case hex digits. Computed here on its own, not by the
 * server's code: a mistake there must show.
 */
export function digestOf(entries: Iterable<readonly [path: string, entry: EntryView]>): string {
  let sum = 0n;
  for (const [path, { value, version }] of entries) {
    sum += createHash("sha256").update(`${path}\n${version}\n${value}`).digest().readBigUInt64BE(0);
  }
  return BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
}
