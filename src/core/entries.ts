import { utf8Bytes } from "./limits.ts";
import { parentOf } from "./paths.ts";
import type { EntryPair } from "./record.ts";
import type { Entry } from "./session.ts";

/** How much stands somewhere. */
export interface Extent {
  readonly entries: number;
  /** of JSON text, in UTF-8 */
  readonly valueBytes: number;
}

/** A path below which something stands. */
interface Branch {
  /** the paths one segment below that hold an entry or lead to one */
  readonly children: Set<string>;
  /** at any depth */
  entries: number;
  valueBytes: number;
}

const NOTHING: Extent = { entries: 0, valueBytes: 0 };

/**
 * All entries of a session: a mutable container of immutable entries. Every operation on one path costs its depth,
 * however many entries there are; `below` costs what it yields, `clone` everything.
 *
 * It is a flat map for the entries, and an index from each inner path to its children, and to how much is below it. Both
 * are Maps and Sets, so that `__proto__` and `constructor` are segments like any other. It does not check paths, nor that
 * no entry stands below another one: that is for the actions.
 */
export class EntryTree {
  readonly #entries: Map<string, Entry>;
  readonly #branches: Map<string, Branch>;
  #bytes: number;

  constructor() {
    this.#entries = new Map();
    this.#branches = new Map();
    this.#bytes = 0;
  }

  /** The number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** Paths and values of all entries, in bytes of UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** Adds the entry at a path, or takes the place of the one there. */
  put(path: string, entry: Entry): void {
    const before = this.#entries.get(path);
    this.#entries.set(path, entry);
    const valueBytes = utf8Bytes(entry.value);
    if (before === undefined) {
      this.#bytes += utf8Bytes(path) + valueBytes;
      this.#link(path, valueBytes);
      return;
    }
    const grownBy = valueBytes - utf8Bytes(before.value);
    if (grownBy === 0) return;
    this.#bytes += grownBy;
    for (let above = parentOf(path); above !== undefined; above = parentOf(above)) {
      this.#branches.get(above)!.valueBytes += grownBy;
    }
  }

  /** Removes the entry at a path; what stands below it stays. Of nothing: nothing. */
  remove(path: string): void {
    const before = this.#entries.get(path);
    if (before === undefined) return;
    this.#entries.delete(path);
    const valueBytes = utf8Bytes(before.value);
    this.#bytes -= utf8Bytes(path) + valueBytes;
    this.#unlink(path, valueBytes);
  }

  /** Removes all entries. */
  clear(): void {
    this.#entries.clear();
    this.#branches.clear();
    this.#bytes = 0;
  }

  /** The path strictly above that holds an entry (the nearest), if one does. */
  blocker(path: string): string | undefined {
    for (let above = parentOf(path); above !== undefined; above = parentOf(above)) {
      if (this.#entries.has(above)) return above;
    }
    return undefined;
  }

  /** Whether an entry stands strictly below a path. */
  hasBelow(path: string): boolean {
    return this.#branches.has(path);
  }

  /** How much stands at a path and below it: entries, and the bytes of their values. */
  extent(path: string): Extent {
    const entry = this.#entries.get(path);
    const below = this.#branches.get(path) ?? NOTHING;
    if (entry === undefined) return { entries: below.entries, valueBytes: below.valueBytes };
    return { entries: 1 + below.entries, valueBytes: utf8Bytes(entry.value) + below.valueBytes };
  }

  /** The entries strictly below a path, in no order to rely on. Not to be changed while it is read. */
  *below(path: string): Generator<EntryPair> {
    for (const child of this.#branches.get(path)?.children ?? []) {
      const entry = this.#entries.get(child);
      if (entry !== undefined) yield [child, entry];
      yield* this.below(child);
    }
  }

  /** All entries, in no order to rely on. */
  [Symbol.iterator](): IterableIterator<EntryPair> {
    return this.#entries.entries();
  }

  /** A second tree with the same entries; changes to one do not show in the other. */
  clone(): EntryTree {
    const copy = new EntryTree();
    for (const [path, entry] of this.#entries) copy.#entries.set(path, entry);
    for (const [path, branch] of this.#branches) {
      copy.#branches.set(path, { ...branch, children: new Set(branch.children) });
    }
    copy.#bytes = this.#bytes;
    return copy;
  }

  #link(path: string, valueBytes: number): void {
    let child = path;
    for (let above = parentOf(child); above !== undefined; above = parentOf(child)) {
      const branch = this.#branches.get(above);
      if (branch === undefined) {
        this.#branches.set(above, { children: new Set([child]), entries: 1, valueBytes });
      } else {
        branch.children.add(child);
        branch.entries += 1;
        branch.valueBytes += valueBytes;
      }
      child = above;
    }
  }

  #unlink(path: string, valueBytes: number): void {
    let child = path;
    for (let above = parentOf(child); above !== undefined; above = parentOf(child)) {
      const branch = this.#branches.get(above)!;
      branch.entries -= 1;
      branch.valueBytes -= valueBytes;
      if (!this.#entries.has(child) && !this.#branches.has(child)) branch.children.delete(child);
      if (branch.entries === 0) this.#branches.delete(above);
      child = above;
    }
  }
}
