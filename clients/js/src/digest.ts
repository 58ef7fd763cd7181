import { sha256Words } from "./sha256.ts";
import type { Entry } from "./state.ts";

interface Part {
  readonly entry: Entry;
  readonly high: number;
  readonly low: number;
}

const encoder = new TextEncoder();

/**
 * The digest of contract section 8, kept up to date: an entry is hashed once, and again only when it changed. Each
 * `catchUp` hashes for a few milliseconds at most, so that a first state of 10,000 entries freezes no page.
 */
export class RunningDigest {
  readonly #parts = new Map<string, Part>();
  readonly #stale = new Map<string, Entry | undefined>();
  #high = 0;
  #low = 0;

  /** An entry is new or other (`entry`), or gone (undefined). */
  note(path: string, entry: Entry | undefined): void {
    this.#stale.set(path, entry);
  }

  /** Hashes what changed, until `budgetMs` is over. @returns whether everything is in */
  catchUp(now: () => number, budgetMs: number): boolean {
    const end = now() + budgetMs;
    let done = 0;
    for (const [path, entry] of this.#stale) {
      // A look at the clock costs as much as a small hash.
      if (++done % 64 === 0 && now() >= end) return false;
      this.#stale.delete(path);
      this.#replace(path, entry);
    }
    return true;
  }

  /** 16 lower-case hex digits, right once `catchUp` said so. */
  hex(): string {
    return hex(this.#high) + hex(this.#low);
  }

  #replace(path: string, entry: Entry | undefined): void {
    const before = this.#parts.get(path);
    if (before !== undefined) this.#add(~before.high, ~before.low, 1);
    if (entry === undefined) {
      this.#parts.delete(path);
      return;
    }
    const words = sha256Words(encoder.encode(`${path}\n${entry.version}\n${entry.value}`));
    const part = { entry, high: words[0] ?? 0, low: words[1] ?? 0 };
    this.#parts.set(path, part);
    this.#add(part.high, part.low, 0);
  }

  /** Adds modulo 2^64; to subtract, adds the complement and 1. */
  #add(high: number, low: number, carryIn: number): void {
    const lowSum = (this.#low >>> 0) + (low >>> 0) + carryIn;
    this.#low = lowSum | 0;
    this.#high = (this.#high + high + (lowSum > 0xffff_ffff ? 1 : 0)) | 0;
  }
}

/** The digest of what is held now, in one go: 16 lower-case hex digits. */
export function digestOf(entries: Iterable<readonly [path: string, entry: Entry]>): string {
  const digest = new RunningDigest();
  for (const [path, entry] of entries) digest.note(path, entry);
  digest.catchUp(() => 0, 1);
  return digest.hex();
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
