import { isObject, type Json, type JsonObject } from "./json.ts";
import { badSegment, depthOf, isPathSegment, MAX_SEGMENTS, parsePath } from "./paths.ts";
import type { EntryPair } from "./record.ts";
import { isRefusal, type OrRefusal, type Refusal, refusal } from "./refusal.ts";

/** A place inside a value: a leaf with its JSON text, or an object (`text` undefined). */
export interface Part {
  readonly path: string;
  readonly text: string | undefined;
}

/** A leaf becomes an entry: a scalar or an array, as JSON text. */
export interface Leaf {
  readonly path: string;
  readonly text: string;
}

/**
 * Takes a value at a path apart: every object and every leaf in it, objects before what they hold. Arrays are leaves.
 * @returns the parts, or `invalid_path` where the path, or a key in the value, is none
 */
export function takeApart(path: string, value: Json): OrRefusal<readonly Part[]> {
  const root = parsePath(path);
  if (isRefusal(root)) return root;
  const parts: Part[] = [];
  return collect(root, depthOf(root), value, parts) ?? parts;
}

/** The leaves alone: what `set` writes. Empty objects leave none. */
export function leavesOf(path: string, value: Json): OrRefusal<readonly Leaf[]> {
  const parts = takeApart(path, value);
  return isRefusal(parts) ? parts : parts.filter((part): part is Leaf => part.text !== undefined);
}

/** Puts entries strictly below a path together again, as one object. */
export function putTogether(path: string, pairs: Iterable<EntryPair>): JsonObject {
  const whole = {};
  for (const [entryPath, entry] of pairs) {
    const keys = entryPath.slice(path.length + 1).split("/");
    const last = keys.pop()!;
    let branch: Record<string, unknown> = whole;
    for (const key of keys) {
      if (!Object.hasOwn(branch, key)) define(branch, key, {});
      branch = branch[key] as Record<string, unknown>;
    }
    define(branch, last, JSON.parse(entry.value));
  }
  return whole;
}

function collect(path: string, depth: number, value: Json, into: Part[]): Refusal | undefined {
  if (!isObject(value)) {
    into.push({ path, text: JSON.stringify(value) });
    return undefined;
  }
  into.push({ path, text: undefined });
  for (const [key, inner] of Object.entries(value)) {
    if (!isPathSegment(key)) return badSegment();
    if (depth === MAX_SEGMENTS) return tooDeep();
    const refused = collect(`${path}/${key}`, depth + 1, inner as Json, into);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** The refusal for a value that would reach below the deepest path. */
export function tooDeep(): Refusal {
  return refusal("invalid_path", `A path has at most ${MAX_SEGMENTS} segments, those of the value's keys included.`);
}

/** An assignment that makes `__proto__` a property like any other. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
