import type { EntryTree } from "./entries.ts";
import { canRead, parsePath, type Reader } from "./paths.ts";
import { type Conflict, isRefusal, type Refusal, refusal } from "./refusal.ts";

/** What a command expects: path → version, 0 where it expects nothing there and nothing below. */
export type Expectations = ReadonlyMap<string, number>;

/** How many of the entries below a path are listed where none was expected. */
const MAX_LISTED_BELOW = 16;

/** `invalid_path` where an expectation names no path. */
export function badExpectedPath(expect: Expectations): Refusal | undefined {
  for (const path of expect.keys()) {
    const parsed = parsePath(path);
    if (isRefusal(parsed)) return parsed;
  }
  return undefined;
}

/**
 * Whether all expectations hold, on the entries as they stood before the command.
 * @returns `forbidden` where one names a path that the sender may not read, whether or not anything is there and
 *   whatever the others say; else `conflict` with those that do not hold, as they stand, each entry once
 */
export function checkExpect(entries: EntryTree, expect: Expectations, sender: Reader): Refusal | undefined {
  for (const path of expect.keys()) {
    if (!canRead(path, sender)) return refusal("forbidden", `You may not read ${path}.`);
  }
  const conflicts = new Map<string, Conflict>();
  for (const [path, version] of expect) {
    for (const conflict of unmet(entries, path, version)) conflicts.set(conflict.path, conflict);
  }
  if (conflicts.size === 0) return undefined;
  return refusal("conflict", "Something else stands there than was expected.", { conflicts: [...conflicts.values()] });
}

function* unmet(entries: EntryTree, path: string, expected: number): Generator<Conflict> {
  const entry = entries.get(path);
  if (expected !== (entry?.version ?? 0)) {
    yield { path, version: entry?.version ?? 0, value: entry?.value ?? null };
    return;
  }
  // Where an entry is, nothing is below it: what follows is about an expected 0 alone.
  let listed = 0;
  for (const [below, { version, value }] of entries.below(path)) {
    if (listed++ === MAX_LISTED_BELOW) return;
    yield { path: below, version, value };
  }
}
