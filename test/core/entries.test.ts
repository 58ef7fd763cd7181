import assert from "node:assert/strict";
import fc from "fast-check";
import { EntryTree } from "../../src/core/entries.ts";
import type { Entry } from "../../src/core/session.ts";

const entry = (value: string): Entry => ({ value, version: 1, by: "kim" });

function tree(...paths: string[]): EntryTree {
  const all = new EntryTree();
  for (const path of paths) all.put(path, entry("1"));
  return all;
}

const pathsOf = (pairs: Iterable<readonly [string, Entry]>) => [...pairs].map(([path]) => path).sort();

describe("entries", () => {
  it("[P7] finds what is there, above and below, and nothing beside it", () => {
    const all = tree("shared/a/b", "shared/a/c/d", "shared/ab", "gm/a");
    assert.equal(all.size, 4);
    assert.equal(all.get("shared/a/b")?.value, "1");
    assert.equal(all.get("shared/a"), undefined);
    assert.equal(all.blocker("shared/a/b/x/y"), "shared/a/b");
    assert.equal(all.blocker("shared/a/b"), undefined);
    assert.equal(all.blocker("shared/abc"), undefined);
    assert.ok(all.hasBelow("shared/a"));
    assert.ok(!all.hasBelow("shared/a/b"));
    assert.deepEqual(pathsOf(all.below("shared/a")), ["shared/a/b", "shared/a/c/d"]);
    assert.deepEqual(pathsOf(all.below("shared/a/b")), []);
    assert.deepEqual(pathsOf(all), ["gm/a", "shared/a/b", "shared/a/c/d", "shared/ab"]);
  });

  it("[P7] counts bytes of paths and values in UTF-8, through replacing and removing", () => {
    const all = new EntryTree();
    all.put("shared/é", entry('"🎲"'));
    assert.equal(all.bytes, 9 + 6);
    all.put("shared/é", entry("1"));
    assert.equal(all.bytes, 9 + 1);
    all.remove("shared/none");
    all.remove("shared/é");
    assert.equal(all.bytes, 0);
    assert.equal(all.size, 0);
  });

  it("[P7] forgets inner paths with their last entry, and keeps what is below a removed one", () => {
    const all = tree("shared/a", "shared/a/b/c");
    all.remove("shared/a");
    assert.deepEqual(pathsOf(all.below("shared")), ["shared/a/b/c"]);
    all.remove("shared/a/b/c");
    for (const path of ["shared/a/b", "shared/a", "shared"]) assert.ok(!all.hasBelow(path), path);
  });

  it("[S20] knows how much stands at a path and below it, through any puts and removals, in a clone too", () => {
    const segment = fc.constantFrom("a", "b", "__proto__");
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((below) => ["shared", ...below].join("/"));
    const step = fc.record({ path, value: fc.option(fc.constantFrom("1", '"é"', "[1,2]")) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, clonedAt) => {
        let all = new EntryTree();
        const plain = new Map<string, string>();
        for (const [i, { path, value }] of steps.entries()) {
          if (value === null) all.remove(path);
          else all.put(path, entry(value));
          if (value === null) plain.delete(path);
          else plain.set(path, value);
          if (i === clonedAt) all = all.clone();
        }
        for (const at of ["shared", "gm", ...plain.keys(), ...steps.map(({ path }) => path)]) {
          const there = [...plain].filter(([path]) => path === at || path.startsWith(`${at}/`));
          const valueBytes = there.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
          assert.deepEqual(all.extent(at), { entries: there.length, valueBytes }, at);
          assert.equal(
            all.hasBelow(at),
            there.some(([path]) => path !== at),
          );
          assert.deepEqual(
            pathsOf(all.below(at)),
            there
              .map(([path]) => path)
              .filter((path) => path !== at)
              .sort(),
          );
        }
      }),
    );
  });

  it("[P3] [P7] takes __proto__ and constructor as segments", () => {
    const all = tree("shared/__proto__/x", "shared/constructor");
    assert.deepEqual(pathsOf(all.below("shared")), ["shared/__proto__/x", "shared/constructor"]);
    assert.equal(all.blocker("shared/constructor/x"), "shared/constructor");
    assert.equal(all.get("__proto__"), undefined);
    assert.ok(!all.hasBelow("constructor"));
  });

  it("[P8] a clone and its original do not see each other's changes", () => {
    const all = tree("shared/a/b");
    const copy = all.clone();
    copy.put("shared/a/c", entry("2"));
    all.remove("shared/a/b");
    assert.deepEqual(pathsOf(copy.below("shared")), ["shared/a/b", "shared/a/c"]);
    assert.equal(copy.size, 2);
    assert.equal(copy.bytes, 22);
    assert.equal(all.size, 0);
    assert.ok(!all.hasBelow("shared"));
  });
});
