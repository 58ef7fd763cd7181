import { createHash } from "node:crypto";

export interface DigestedEntry {
  readonly path: string;
  readonly version: number;
  /** JSON text */
  readonly value: string;
}

/** One entry's part of the digest: the first 8 bytes, big-endian, of a SHA-256 (contract, section 8). */
export function entryHash({ path, version, value }: DigestedEntry): bigint {
  return createHash("sha256").update(`${path}\n${version}\n${value}`).digest().readBigUInt64BE(0);
}

/** The digest as any client would compute it from the contract: the server's own code has no part in this one. */
export function digestOf(entries: Iterable<DigestedEntry>): string {
  let sum = 0n;
  for (const entry of entries) sum += entryHash(entry);
  return asDigest(sum);
}

/** A sum of entry hashes as 16 lower-case hex digits, modulo 2^64. */
export function asDigest(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
}
