import type { EntryTree, Extent } from "./entries.ts";
import type { Leaf } from "./leaves.ts";
import { MAX_ENTRIES, MAX_SESSION_BYTES, MAX_VALUE_BYTES, MAX_WRITES_PER_COMMAND, utf8Bytes } from "./limits.ts";
import { isBelow } from "./paths.ts";
import type { Change, EntryPair } from "./record.ts";
import { isRefusal, type OrRefusal, type Refusal, refusal } from "./refusal.ts";
import type { Entry } from "./session.ts";
import { unitsOf } from "./work-budget.ts";

/** Pays for work that is about to be done, in units; a refusal where there is no budget for it. */
export type Spend = (units: number) => Refusal | undefined;

/** Work of a command: entries put and removed, and the bytes of what is put. */
interface Work {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * What a command would do, tried out on the session's own tree: no copy of 10,000 entries for a change of one. It
 * remembers what stood at each path that it touches, so that `undo` leaves the tree as it was. Between the first write
 * and `undo` nobody else may look at the tree; deciding is synchronous, so nobody can.
 *
 * Each method that writes either refuses and has changed nothing, or has done the whole.
 */
export class Draft {
  readonly #tree: EntryTree;
  readonly #version: number;
  readonly #by: string;
  /** what stood at every path touched so far */
  readonly #before = new Map<string, Entry | undefined>();
  readonly #spend: Spend | undefined;
  /** entries put and removed, those included that will be by what was allowed last */
  #writes = 0;

  /** @param version the seq that the command will have; @param by the actor's user id */
  constructor(tree: EntryTree, version: number, by: string, spend?: Spend) {
    this.#tree = tree;
    this.#version = version;
    this.#by = by;
    this.#spend = spend;
  }

  /** The JSON text of the entry at a path. */
  text(path: string): string | undefined {
    return this.#tree.get(path)?.value;
  }

  hasBelow(path: string): boolean {
    return this.#tree.hasBelow(path);
  }

  /** The entries strictly below a path, as they stand now. */
  below(path: string): readonly EntryPair[] {
    return [...this.#tree.below(path)];
  }

  /** `path_conflict` where a scalar or an array stands strictly above a path. */
  conflictAbove(path: string): Refusal | undefined {
    const blocker = this.#tree.blocker(path);
    return blocker === undefined
      ? undefined
      : refusal("path_conflict", `${blocker} holds a scalar or an array: nothing can be under it.`);
  }

  /** The text of the entry at a path that is to be a single entry; `path_conflict` under another entry or on a subtree. */
  single(path: string): OrRefusal<string | undefined> {
    if (this.#tree.hasBelow(path)) return refusal("path_conflict", `${path} holds a subtree, not one value.`);
    return this.conflictAbove(path) ?? this.text(path);
  }

  /** How much stands at a path and below it, as it stands now. */
  extent(path: string): Extent {
    return this.#tree.extent(path);
  }

  /**
   * Removes what stands at a path, the entry or the subtree, and puts leaves at or below it instead.
   * `path_conflict` under another entry, `limit_exceeded` for a leaf that is too large or too many writes.
   */
  replace(path: string, leaves: readonly Leaf[]): Refusal | undefined {
    const refused = this.conflictAbove(path) ?? tooLarge(leaves) ?? this.#allow(this.#cost(path, leaves));
    if (refused !== undefined) return refused;
    this.#replace(path, leaves);
    return undefined;
  }

  /**
   * Moves what stands at a path to another one, in the place of what stands there: the work is asked for as a whole.
   * @param leavesOf what will stand at the new place; called when there is a budget for it
   */
  move(from: string, to: string, leavesOf: () => OrRefusal<readonly Leaf[]>): Refusal | undefined {
    const moved = this.extent(from);
    const replaced = this.extent(to);
    // Where `to` is above `from`, what is moved is part of what is replaced, and gone by then.
    const removed = isBelow(from, to) ? replaced.entries : moved.entries + replaced.entries;
    const refused =
      this.conflictAbove(to) ?? this.#allow({ entries: removed + moved.entries, bytes: moved.valueBytes });
    if (refused !== undefined) return refused;
    const leaves = leavesOf();
    if (isRefusal(leaves)) return leaves;
    this.#replace(from, []);
    this.#replace(to, leaves);
    return undefined;
  }

  #replace(path: string, leaves: readonly Leaf[]): void {
    // What is put anew is not removed first. That would be the same to everybody but V8, whose Maps keep a removed key in
    // its chain until they are rebuilt: a counter in a full session would cost 100 µs a step instead of 3.
    const kept: ReadonlySet<string> = new Set(leaves.map((leaf) => leaf.path));
    for (const [below] of this.below(path)) if (!kept.has(below)) this.#remove(below);
    if (!kept.has(path)) this.#remove(path);
    for (const leaf of leaves) this.#put(leaf.path, leaf.text);
  }

  /** The limits of the session as a whole, on what stands now. */
  excess(): Refusal | undefined {
    if (this.#tree.size > MAX_ENTRIES) {
      return refusal("limit_exceeded", `A session has at most ${MAX_ENTRIES} entries.`);
    }
    if (this.#tree.bytes > MAX_SESSION_BYTES) {
      return refusal("limit_exceeded", `A session's paths and values have at most ${MAX_SESSION_BYTES} bytes.`);
    }
    return undefined;
  }

  /** The net changes: paths whose JSON text is not what it was before. Removals come first, so that nothing is in the way. */
  changes(): readonly Change[] {
    const removed: Change[] = [];
    const put: Change[] = [];
    for (const [path, before] of this.#before) {
      const text = this.text(path);
      if (text === before?.value) continue;
      if (text === undefined) removed.push([path, null]);
      else put.push([path, text]);
    }
    return [...removed, ...put];
  }

  /** Puts everything back. */
  undo(): void {
    for (const [path, before] of this.#before) {
      if (before === undefined) this.#tree.remove(path);
      else this.#tree.put(path, before);
    }
    this.#before.clear();
  }

  #put(path: string, text: string): void {
    if (this.text(path) === text) return;
    this.#touch(path);
    this.#tree.put(path, { value: text, version: this.#version, by: this.#by });
  }

  #remove(path: string): void {
    if (this.#tree.get(path) === undefined) return;
    this.#touch(path);
    this.#tree.remove(path);
  }

  /** What putting leaves in the place of what is there comes to at most: those that are there already are put once. */
  #cost(path: string, leaves: readonly Leaf[]): Work {
    const kept = leaves.reduce((sum, leaf) => sum + (this.#tree.get(leaf.path) === undefined ? 0 : 1), 0);
    return {
      entries: this.extent(path).entries - kept + leaves.length,
      bytes: leaves.reduce((sum, { text }) => sum + utf8Bytes(text), 0),
    };
  }

  /** Asks for work before it is done: `limit_exceeded` beyond what one command may, `rate_limited` without a budget. */
  #allow({ entries, bytes }: Work): Refusal | undefined {
    if (this.#writes + entries > MAX_WRITES_PER_COMMAND) {
      const most = MAX_WRITES_PER_COMMAND;
      return refusal("limit_exceeded", `A command puts and removes at most ${most} entries on its way.`);
    }
    this.#writes += entries;
    return entries === 0 ? undefined : this.#spend?.(entries + unitsOf(bytes));
  }

  #touch(path: string): void {
    if (!this.#before.has(path)) this.#before.set(path, this.#tree.get(path));
  }
}

function tooLarge(leaves: readonly Leaf[]): Refusal | undefined {
  const large = leaves.find(({ text }) => text.length * 3 > MAX_VALUE_BYTES && utf8Bytes(text) > MAX_VALUE_BYTES);
  return large === undefined
    ? undefined
    : refusal("limit_exceeded", `${large.path}: a value has at most ${MAX_VALUE_BYTES} bytes of JSON text.`);
}
