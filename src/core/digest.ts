import { hash } from "node:crypto";
import { isHidden } from "./paths.ts";
import type { EntryPair } from "./record.ts";
import type { Entry } from "./session.ts";

/** Entries are immutable and mostly stay where they are, so that each is hashed once, whoever asks. */
const digested = new WeakMap<Entry, { readonly path: string; readonly digest: bigint }>();

/**
 * One entry's part in a digest (contract section 8): the first 8 bytes, big-endian, of
 * SHA-256(path + "\n" + version + "\n" + value) in UTF-8.
 */
export function entryDigest(path: string, entry: Entry): bigint {
  const before = digested.get(entry);
  if (before !== undefined && before.path === path) return before.digest;
  const hex = hash("sha256", `${path}\n${entry.version}\n${entry.value}`, "hex");
  const digest = BigInt(`0x${hex.slice(0, 16)}`);
  digested.set(entry, { path, digest });
  return digest;
}

function toHex(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
}

/** The digest of any set of entries: 16 lower-case hex digits, whatever their order. */
export function digestOf(pairs: Iterable<EntryPair>): string {
  let sum = 0n;
  for (const [path, entry] of pairs) sum += entryDigest(path, entry);
  return toHex(sum);
}

/**
 * The digest of what every participant may see, kept up entry by entry: a change costs two hashes, not ten thousand.
 * Hidden paths may be told to it like all others and count for nothing.
 */
export class PublicDigest {
  #sum = 0n;

  constructor(pairs: Iterable<EntryPair> = []) {
    for (const [path, entry] of pairs) this.add(path, entry);
  }

  /** 16 lower-case hex digits */
  get hex(): string {
    return toHex(this.#sum);
  }

  add(path: string, entry: Entry): void {
    if (!isHidden(path)) this.#sum = BigInt.asUintN(64, this.#sum + entryDigest(path, entry));
  }

  remove(path: string, entry: Entry): void {
    if (!isHidden(path)) this.#sum = BigInt.asUintN(64, this.#sum - entryDigest(path, entry));
  }

  /** From the entry that stood at a path to the one that stands there now; undefined where there was or is none. */
  replace(path: string, before: Entry | undefined, after: Entry | undefined): void {
    if (before !== undefined) this.remove(path, before);
    if (after !== undefined) this.add(path, after);
  }
}
