import { isJsonObject, type Json, setOwn } from "./json.ts";

/** JSON texts by path. */
export interface Texts {
  get(path: string): string | undefined;
  /** every path, in any order */
  paths(): Iterable<string>;
}

/**
 * The JSON value at a path: the entry there, parsed, or the entries below, put together to an object again.
 * `undefined` where there is neither. A namespace alone (`shared`) is fine.
 */
export function valueAt(texts: Texts, path: string): Json | undefined {
  const own = texts.get(path);
  if (own !== undefined) return JSON.parse(own) as Json;
  const root: Record<string, Json> = {};
  let found = false;
  for (const below of texts.paths()) {
    if (!below.startsWith(`${path}/`)) continue;
    const text = texts.get(below);
    if (text === undefined) continue;
    found = true;
    place(root, below.slice(path.length + 1).split("/"), JSON.parse(text) as Json);
  }
  return found ? root : undefined;
}

function place(root: Record<string, Json>, segments: string[], value: Json): void {
  const last = segments.pop() ?? "";
  let object = root;
  for (const segment of segments) {
    const inner = Object.hasOwn(object, segment) ? object[segment] : undefined;
    if (isJsonObject(inner)) {
      object = inner as Record<string, Json>;
    } else {
      const created: Record<string, Json> = {};
      setOwn(object, segment, created);
      object = created;
    }
  }
  setOwn(object, last, value);
}
