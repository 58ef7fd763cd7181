import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { History } from "./history.ts";

const FOLDER = fileURLToPath(new URL("../../fault-logs", import.meta.url));
const PARTS = ["commands", "sightings", "views", "checkpoints", "places", "digests", "trails"] as const;

/** Which run a history is of. */
export interface About {
  readonly name: string;
  readonly seed: number;
}

/** Writes a history down as JSON Lines: first what it is of, then everything in it, a line each. @returns the path */
export function writeHistory(history: History, about: About, folder: string = FOLDER): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${about.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${about.seed}-${Date.now()}.jsonl`);
  const lines = [JSON.stringify({ part: "about", v: 1, ...about })];
  for (const part of PARTS) {
    for (const item of history[part]) lines.push(JSON.stringify({ part, item }, asObject));
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** Reads a history that `writeHistory` wrote. @throws where it is none */
export function readHistory(path: string): { readonly about: About; readonly history: History } {
  const [first, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const { part, v, name, seed } = JSON.parse(first ?? "");
  if (part !== "about" || v !== 1) throw new Error(`${path} is no history`);
  const parts: Record<string, unknown[]> = Object.fromEntries(PARTS.map((part) => [part, []]));
  for (const [at, line] of lines.entries()) {
    const { part, item } = JSON.parse(line);
    if (parts[part] === undefined) throw new Error(`${path}:${at + 2}: no part of a history is called ${part}`);
    parts[part].push(part === "checkpoints" ? { ...item, entries: new Map(Object.entries(item.entries)) } : item);
  }
  return { about: { name, seed }, history: parts as unknown as History };
}

/** `__proto__` is a path's segment like others, and no path is just that: plain objects do. */
function asObject(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
