import { utf8Bytes } from "./limits.ts";
import { parentOf } from "./paths.ts";
import type { EntryPair } from "./record.ts";
import type { Entry } from "./session.ts";

/**
 * All entries of a session: a mutable container of immutable entries. Every operation on one path costs its depth,
 * however many entries there are; `below` costs what it yields, `clone` everything.
 *
 * It is a flat map for the entries, and an index from each inner path to its children for everything "below". Both are
 * Maps and Sets, so that `__proto__` and `constructor` are segments like any other. It does not check paths, nor that
 * no entry stands below another one: that is for the actions.
 */
export class EntryTree {
  readonly #entries: Map<string, Entry>;
  /** path → the paths one segment below it that hold an entry or lead to one */
  readonly #children: Map<string, Set<string>>;
  #bytes: number;

  constructor() {
    this.#entries = new Map();
    this.#children = new Map();
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
    if (before !== undefined) {
      this.#bytes += utf8Bytes(entry.value) - utf8Bytes(before.value);
      return;
    }
    this.#bytes += utf8Bytes(path) + utf8Bytes(entry.value);
    this.#link(path);
  }

  /** Removes the entry at a path; what stands below it stays. Of nothing: nothing. */
  remove(path: string): void {
    const before = this.#entries.get(path);
    if (before === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= utf8Bytes(path) + utf8Bytes(before.value);
    this.#unlink(path);
  }

  /** Removes all entries. */
  clear(): void {
    this.#entries.clear();
    this.#children.clear();
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
    return this.#children.has(path);
  }

  /** The entries strictly below a path, in no order to rely on. Not to be changed while it is read. */
  *below(path: string): Generator<EntryPair> {
    for (const child of this.#children.get(path) ?? []) {
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
    for (const [path, children] of this.#children) copy.#children.set(path, new Set(children));
    copy.#bytes = this.#bytes;
    return copy;
  }

  #link(path: string): void {
    let child = path;
    for (let above = parentOf(child); above !== undefined; above = parentOf(child)) {
      const siblings = this.#children.get(above);
      if (siblings !== undefined) {
        siblings.add(child);
        return; // what has children is linked already
      }
      this.#children.set(above, new Set([child]));
      child = above;
    }
  }

  #unlink(path: string): void {
    let child = path;
    while (!this.#entries.has(child) && !this.#children.has(child)) {
      const above = parentOf(child);
      if (above === undefined) return;
      const siblings = this.#children.get(above)!;
      siblings.delete(child);
      if (siblings.size > 0) return;
      this.#children.delete(above);
      child = above;
    }
  }
}
