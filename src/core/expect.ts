import type { EntryTree } from "./entries.ts";
import { MAX_CONFLICT_BYTES, MAX_CONFLICTS, utf8Bytes } from "./limits.ts";
import { canRead, parsePath, type Reader } from "./paths.ts";
import { type Conflict, isRefusal, type Refusal, refusal } from "./refusal.ts";

/** What a command expects: path → version, 0 where it expects nothing there and nothing below. */
export type Expectations = ReadonlyMap<string, number>;

/** Of a conflict in an answer: the names of its fields, its version, the heads of its texts. */
const BYTES_AROUND = 48;
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
 *   whatever the others say; else `conflict` with those that do not hold, as they stand, each entry once, and as many as
 *   fit into an answer
 */
export function checkExpect(entries: EntryTree, expect: Expectations, sender: Reader): Refusal | undefined {
  for (const path of expect.keys()) {
    if (!canRead(path, sender)) return refusal("forbidden", `You may not read ${path}.`);
  }
  const conflicts = [...firstConflicts(entries, expect)];
  return conflicts.length === 0
    ? undefined
    : refusal("conflict", "Something else stands there than was expected.", { conflicts });
}

/** Each entry once, as many as fit into an answer. */
function* firstConflicts(entries: EntryTree, expect: Expectations): Generator<Conflict> {
  const listed = new Set<string>();
  let bytes = 0;
  for (const [path, version] of expect) {
    for (const conflict of unmet(entries, path, version)) {
      if (listed.has(conflict.path)) continue;
      bytes += BYTES_AROUND + utf8Bytes(conflict.path) + utf8Bytes(conflict.value ?? "");
      if (listed.size === MAX_CONFLICTS || bytes > MAX_CONFLICT_BYTES) return;
      listed.add(conflict.path);
      yield conflict;
    }
  }
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
