import type { Command } from "./command.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { Texts } from "./subtree.ts";

/** What a row of commands would change: JSON text by path, `null` = gone. */
export type Layer = Map<string, string | null>;

/**
 * What the server will most likely make of commands it has not answered yet: the built-in actions of contract
 * section 5, on what this person sees. A command that would be refused here, or whose action is not built in, predicts
 * nothing. Rights, limits and `expect` are left to the server, whose refusal takes the prediction back.
 */
export function predict(base: Texts, commands: Iterable<Pick<Command, "action" | "payload">>): Layer {
  let sheet = new Sheet(base, new Map());
  for (const { action, payload } of commands) {
    const next = new Sheet(base, new Map(sheet.layer));
    if (apply(next, action, payload)) sheet = next;
  }
  return sheet.layer;
}

/** @returns false if it would be refused, or is not known */
function apply(sheet: Sheet, action: string, payload: Json): boolean {
  if (!isJsonObject(payload)) return false;
  const { path, value } = payload;
  switch (action) {
    case "set":
      return isPath(path) && value !== undefined && sheet.free(path) && set(sheet, path, value);
    case "merge":
      return isPath(path) && isJsonObject(value) && sheet.free(path) && merge(sheet, path, value);
    case "delete":
      return isPath(path) && sheet.free(path) && sheet.clear(path);
    case "increment":
      return isPath(path) && typeof payload.by === "number" && increment(sheet, path, payload.by);
    case "append":
      return (
        isPath(path) && Array.isArray(payload.values) && append(sheet, path, payload.values, payload.max ?? undefined)
      );
    case "move":
      return isPath(payload.from) && isPath(payload.to) && move(sheet, payload.from, payload.to);
    case "batch":
      return Array.isArray(payload.ops) && payload.ops.every((op: Json) => applyOperation(sheet, op));
    default:
      return false;
  }
}

function applyOperation(sheet: Sheet, op: Json): boolean {
  if (!isJsonObject(op) || typeof op.action !== "string" || op.payload === undefined || op.action === "batch") {
    return false;
  }
  return apply(sheet, op.action, op.payload);
}

function set(sheet: Sheet, path: string, value: Json): boolean {
  sheet.clear(path);
  return write(sheet, path, value);
}

function write(sheet: Sheet, path: string, value: Json): boolean {
  if (!isJsonObject(value)) {
    sheet.layer.set(path, JSON.stringify(value));
    return true;
  }
  return Object.entries(value).every(
    ([key, inner]) => isPath(`${path}/${key}`, key) && write(sheet, `${path}/${key}`, inner),
  );
}

function merge(sheet: Sheet, path: string, patch: JsonObject): boolean {
  if (sheet.text(path) !== undefined) return false;
  return Object.entries(patch).every(([key, value]) => {
    const below = `${path}/${key}`;
    if (!isPath(below, key)) return false;
    if (value === null) return sheet.clear(below);
    return isJsonObject(value) ? merge(sheet, below, value) : set(sheet, below, value);
  });
}

function increment(sheet: Sheet, path: string, by: number): boolean {
  const text = sheet.text(path);
  if (!sheet.free(path) || (text === undefined && sheet.hasBelow(path))) return false;
  const before: unknown = text === undefined ? 0 : JSON.parse(text);
  if (typeof before !== "number" || !Number.isFinite(before + by)) return false;
  sheet.layer.set(path, JSON.stringify(before + by));
  return true;
}

function append(sheet: Sheet, path: string, values: readonly Json[], max: Json | undefined): boolean {
  const text = sheet.text(path);
  if (!sheet.free(path) || (text === undefined && sheet.hasBelow(path))) return false;
  const before: unknown = text === undefined ? [] : JSON.parse(text);
  if (!Array.isArray(before) || (max !== undefined && !isWholeFrom1(max))) return false;
  const all = [...before, ...values];
  sheet.layer.set(path, JSON.stringify(max === undefined ? all : all.slice(-max)));
  return true;
}

function move(sheet: Sheet, from: string, to: string): boolean {
  if (to === from || to.startsWith(`${from}/`) || !sheet.free(from) || !sheet.free(to)) return false;
  const moved = [from, ...sheet.below(from)].flatMap((path) => {
    const text = sheet.text(path);
    return text === undefined ? [] : [[path.slice(from.length), text] as const];
  });
  if (moved.length === 0 || !moved.every(([rest]) => isPath(to + rest))) return false;
  sheet.clear(from);
  sheet.clear(to);
  for (const [rest, text] of moved) sheet.layer.set(to + rest, text);
  return true;
}

function isWholeFrom1(value: Json): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

/** @param lastSegment given where the path was put together here: a key may hold a slash */
function isPath(path: Json | undefined, lastSegment = ""): path is string {
  if (typeof path !== "string" || lastSegment.includes("/")) return false;
  const segments = path.split("/");
  return segments.length <= 8 && segments.every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** The base, with a layer of changes over it. */
class Sheet {
  readonly layer: Layer;
  readonly #base: Texts;

  constructor(base: Texts, layer: Layer) {
    this.#base = base;
    this.layer = layer;
  }

  text(path: string): string | undefined {
    const own = this.layer.get(path);
    return own === undefined ? this.#base.get(path) : (own ?? undefined);
  }

  /** Whether nothing above the path holds a value: only then can anything be written there. */
  free(path: string): boolean {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (this.text(path.slice(0, end)) !== undefined) return false;
    }
    return true;
  }

  below(path: string): string[] {
    const found = new Set<string>();
    for (const known of this.#base.paths()) if (known.startsWith(`${path}/`)) found.add(known);
    for (const own of this.layer.keys()) if (own.startsWith(`${path}/`)) found.add(own);
    return [...found].filter((known) => this.text(known) !== undefined);
  }

  hasBelow(path: string): boolean {
    return this.below(path).length > 0;
  }

  /** Removes the entry or the subtree. @returns true, always: there is nothing that forbids it */
  clear(path: string): boolean {
    for (const below of this.below(path)) this.layer.set(below, null);
    if (this.text(path) !== undefined) this.layer.set(path, null);
    return true;
  }
}
