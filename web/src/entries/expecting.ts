import type { Conflict, Expect } from "../../../clients/js/src/index.ts";

/** More entries than this are not named one by one. */
const MAX_NAMED = 1000;

/**
 * What must still stand at a path when a value is set there: what stands there now. An entry: its version. Nothing:
 * 0. A subtree: the version of each entry below, for all of them are replaced.
 * @param below what stands below the path
 */
export function expectFor(
  path: string,
  version: number | undefined,
  below: Iterable<readonly [path: string, version: number]>,
): Expect {
  if (version !== undefined) return { [path]: version };
  const named = [...below].slice(0, MAX_NAMED);
  return named.length === 0 ? { [path]: 0 } : Object.fromEntries(named);
}

/** What must still stand there for somebody who has seen the conflicts and wants theirs all the same. */
export function expectAfter(expected: Expect, conflicts: readonly Conflict[]): Expect {
  const told = new Map(conflicts.map(({ path, version }) => [path, version]));
  const held = Object.entries(expected).filter(
    ([path, version]) =>
      !told.has(path) && !(version === 0 && conflicts.some((conflict) => conflict.path.startsWith(`${path}/`))),
  );
  return Object.fromEntries([...held, ...told]);
}
