import assert from "node:assert/strict";
import fc from "fast-check";
import { EntryTree } from "../../src/core/entries.ts";
import { canRead, canWrite, isPathSegment, parsePath } from "../../src/core/paths.ts";
import { isRefusal } from "../../src/core/refusal.ts";

const segment = fc.constantFrom("a", "b", "__proto__", "é");
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((below) => ["shared", ...below].join("/"));

/** The rule word by word, by other means than the code's. */
function isSegmentByTheBook(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  // a byte order mark is a character like others, at the beginning too
  const lone = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) !== text;
  const control = [...text].some((character) => {
    const code = character.codePointAt(0)!;
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
  });
  const other = text === "." || text === ".." || text.includes("/") || text !== text.normalize("NFC");
  return bytes.length >= 1 && bytes.length <= 128 && !lone && !control && !other;
}

describe("paths, whatever they are", () => {
  it("[P1] [P2] a path is taken exactly when each segment is one, there are 2 to 8, and the namespace is known", () => {
    const wild = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({ unit: "grapheme", maxLength: 70 }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 3 }),
      fc.constantFrom(
        "",
        ".",
        "..",
        "e\u0301",
        "\ud800",
        "\ufeff",
        "\u0085",
        "a".repeat(128),
        "a".repeat(129),
        "constructor",
      ),
      fc.constant("a"),
    );
    const namespace = fc.constantFrom("shared", "players", "private", "gm", "table", "other", "");
    fc.assert(
      fc.property(namespace, fc.array(wild, { maxLength: 9 }), (first, below) => {
        const text = [first, ...below].join("/");
        const [head, ...rest] = text.split("/");
        const known = ["shared", "players", "private", "gm", "table"].includes(head!);
        const good = known && rest.length >= 1 && rest.length <= 7 && rest.every(isSegmentByTheBook);
        const parsed = parsePath(text);
        assert.equal(!isRefusal(parsed), good);
        if (good) assert.equal(parsed, text);
        for (const one of below) assert.equal(isPathSegment(one), isSegmentByTheBook(one));
      }),
      { numRuns: 1000 },
    );
  });

  it("[P4] [P5] whoever may write a path may read it", () => {
    const person = fc.constantFrom("kim", "lee", "__proto__");
    const anyPath = fc
      .tuple(fc.constantFrom("shared", "players", "private", "gm", "table", "other"), person, fc.boolean())
      .map(([namespace, second, deep]) => `${namespace}/${second}${deep ? "/x" : ""}`);
    const reader = fc.record({ userId: person, role: fc.constantFrom("gm", "player", "spectator" as const) });
    fc.assert(
      fc.property(anyPath, reader, (at, who) => {
        if (canWrite(at, who)) assert.ok(canRead(at, who));
      }),
    );
  });

  it("[P7] [P8] the tree is a plain map with a prefix search, after any puts and removals", () => {
    const step = fc.record({ path, value: fc.option(fc.constantFrom("1", '"é"', "[1,2]"), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(path, { maxLength: 5 }), (steps, asked) => {
        const tree = new EntryTree();
        const plain = new Map<string, string>();
        for (const [version, { path: at, value }] of steps.entries()) {
          if (value === undefined) tree.remove(at);
          else tree.put(at, { value, version, by: "kim" });
          if (value === undefined) plain.delete(at);
          else plain.set(at, value);
        }
        for (const one of [tree, tree.clone()]) {
          assert.deepEqual(new Map([...one].map(([at, { value }]) => [at, value])), plain);
          assert.equal(one.size, plain.size);
          assert.equal(one.bytes, Buffer.byteLength([...plain].flat().join("")));
          for (const at of ["shared", ...asked]) {
            const below = [...plain.keys()].filter((other) => other.startsWith(`${at}/`)).sort();
            assert.deepEqual([...one.below(at)].map(([found]) => found).sort(), below);
            assert.equal(one.hasBelow(at), below.length > 0);
            const above = [...plain.keys()].filter((other) => at.startsWith(`${other}/`)).sort();
            assert.equal(one.blocker(at), above.at(-1));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
