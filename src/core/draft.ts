import type { EntryTree } from "./entries.ts";
import type { Leaf } from "./leaves.ts";
import { MAX_ENTRIES, MAX_SESSION_BYTES, MAX_VALUE_BYTES, MAX_WRITES_PER_COMMAND, utf8Bytes } from "./limits.ts";
import type { Change, EntryPair } from "./record.ts";
import { type OrRefusal, type Refusal, refusal } from "./refusal.ts";
import type { Entry } from "./session.ts";

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
  #writes = 0;

  /** @param version the seq that the command will have; @param by the actor's user id */
  constructor(tree: EntryTree, version: number, by: string) {
    this.#tree = tree;
    this.#version = version;
    this.#by = by;
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

  /**
   * Removes what stands at a path, the entry or the subtree, and puts leaves at or below it instead.
   * `path_conflict` under another entry, `limit_exceeded` for a leaf that is too large.
   */
  replace(path: string, leaves: readonly Leaf[]): Refusal | undefined {
    const refused = this.conflictAbove(path) ?? tooLarge(leaves);
    if (refused !== undefined) return refused;
    // What is put anew is not removed first. That would be the same to everybody but V8, whose Maps keep a removed key in
    // its chain until they are rebuilt: a counter in a full session would cost 100 µs a step instead of 3.
    const kept: ReadonlySet<string> = new Set(leaves.map((leaf) => leaf.path));
    for (const [below] of this.below(path)) if (!kept.has(below)) this.#remove(below);
    if (!kept.has(path)) this.#remove(path);
    for (const leaf of leaves) this.#put(leaf.path, leaf.text);
    return undefined;
  }

  /** The limits of the session as a whole, on what stands now; and of the work done for it so far. */
  excess(): Refusal | undefined {
    if (this.#tree.size > MAX_ENTRIES) {
      return refusal("limit_exceeded", `A session has at most ${MAX_ENTRIES} entries.`);
    }
    if (this.#tree.bytes > MAX_SESSION_BYTES) {
      return refusal("limit_exceeded", `A session's paths and values have at most ${MAX_SESSION_BYTES} bytes.`);
    }
    return undefined;
  }

  /** `limit_exceeded` once the command has put and removed more entries than any sensible one does. */
  overworked(): Refusal | undefined {
    return this.#writes > MAX_WRITES_PER_COMMAND
      ? refusal("limit_exceeded", `A command puts and removes at most ${MAX_WRITES_PER_COMMAND} entries on its way.`)
      : undefined;
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

  #touch(path: string): void {
    this.#writes++;
    if (!this.#before.has(path)) this.#before.set(path, this.#tree.get(path));
  }
}

function tooLarge(leaves: readonly Leaf[]): Refusal | undefined {
  const large = leaves.find(({ text }) => text.length * 3 > MAX_VALUE_BYTES && utf8Bytes(text) > MAX_VALUE_BYTES);
  return large === undefined
    ? undefined
    : refusal("limit_exceeded", `${large.path}: a value has at most ${MAX_VALUE_BYTES} bytes of JSON text.`);
}
