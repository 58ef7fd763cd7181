import assert from "node:assert/strict";
import fc from "fast-check";
import { steps } from "../../web/src/entries/keys.ts";
import { comparePaths, SortedPaths } from "../../web/src/entries/path-order.ts";
import { type Row, rowsOf } from "../../web/src/entries/rows.ts";

const segment = fc.oneof(
  fc.constantFrom("a", "b", "B", "1", "2", "10", "x9", "x10", "ü", "__proto__"),
  fc.string({ minLength: 1, maxLength: 3 }).filter((text) => !text.includes("/")),
);
const path = fc
  .tuple(
    fc.constantFrom("shared", "players", "private", "table", "gm"),
    fc.array(segment, { minLength: 1, maxLength: 4 }),
  )
  .map(([first, rest]) => [first, ...rest].join("/"));

/** No path above another, as on the server. */
const tree = fc
  .uniqueArray(path, { maxLength: 40 })
  .map((paths) => paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`))));

const shown = (rows: readonly Row[]) =>
  rows.map(
    ({ path, depth, group }) => `${"-".repeat(depth)}${path}${group === undefined ? "" : group.isOpen ? " v" : " >"}`,
  );

describe("pages: the tree of entries", () => {
  it("[PG20] stands in one order: namespaces, then names, numbers by their value", () => {
    const paths = [
      "gm/x",
      "table/rolls",
      "shared/b10",
      "shared/b9",
      "private/kim/a",
      "players/kim/hp",
      "shared/b9/c",
      "shared/10",
      "shared/9",
    ];
    assert.deepEqual([...paths].sort(comparePaths), [
      "shared/9",
      "shared/10",
      "shared/b9",
      "shared/b9/c",
      "shared/b10",
      "players/kim/hp",
      "private/kim/a",
      "table/rolls",
      "gm/x",
    ]);
  });

  it("[PG20] the order is one: whatever comes and goes one by one stands as if it were sorted at once", () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(path, { maxLength: 80 }), { minLength: 1, maxLength: 6 }), (states) => {
        const sorted = new SortedPaths();
        for (const paths of states) {
          const before = [...sorted.list];
          const changed = sorted.become(paths);
          assert.deepEqual(sorted.list, [...paths].sort(comparePaths));
          assert.equal(changed, before.length !== paths.length || before.some((one) => !paths.includes(one)));
          assert.equal(sorted.become([...paths].reverse()), false);
        }
      }),
    );
  });

  it("[PG21] a row for each entry and each group, a closed group without what is below it", () => {
    const paths = ["shared/map/a", "shared/map/b/c", "shared/z", "gm/x"];
    assert.deepEqual(shown(rowsOf(paths, new Set())), [
      "shared v",
      "-shared/map v",
      "--shared/map/a",
      "--shared/map/b v",
      "---shared/map/b/c",
      "-shared/z",
      "gm v",
      "-gm/x",
    ]);
    assert.deepEqual(shown(rowsOf(paths, new Set(["shared/map", "gm"]))), [
      "shared v",
      "-shared/map >",
      "-shared/z",
      "gm >",
    ]);
    assert.deepEqual(rowsOf(paths, new Set(["shared/map"]))[1]?.group, { isOpen: false, size: 2 });
  });

  it("[PG21] who looks for something sees it, in closed groups too", () => {
    const rows = rowsOf(["shared/map/Fog", "shared/z"], new Set(["shared"]), " fog ");
    assert.deepEqual(shown(rows), ["shared v", "-shared/map v", "--shared/map/Fog"]);
  });

  it("[PG21] any tree: all open, each entry is there once and in order; closing a group hides what is below, and nothing else", () => {
    fc.assert(
      fc.property(tree, fc.nat(), (paths, pick) => {
        const sorted = [...paths].sort(comparePaths);
        const all = rowsOf(sorted, new Set());
        assert.deepEqual(
          all.filter(({ group }) => group === undefined).map((row) => row.path),
          sorted,
        );
        for (const row of all) assert.equal(row.above + row.name, row.path);
        const groups = all.filter(({ group }) => group !== undefined);
        const closed = groups[pick % Math.max(1, groups.length)]?.path;
        if (closed === undefined) return;
        assert.deepEqual(
          rowsOf(sorted, new Set([closed])).map((row) => row.path),
          all.map((row) => row.path).filter((one) => !one.startsWith(`${closed}/`)),
        );
      }),
    );
  });

  it("[PG22] keys go from row to row, close a group, and go to what is above", () => {
    const rows = rowsOf(["shared/map/a", "shared/z"], new Set());
    const at = (name: string) => rows.findIndex((row) => row.path === name);
    assert.deepEqual(steps("ArrowDown", rows, 0, 10), { to: 1 });
    assert.deepEqual(steps("ArrowUp", rows, 2, 10), { to: 1 });
    assert.deepEqual(steps("End", rows, 0, 10), { to: 3 });
    assert.deepEqual(steps("Home", rows, 3, 10), { to: 0 });
    assert.deepEqual(steps("PageDown", rows, 0, 3), { to: 2 });
    assert.deepEqual(steps("ArrowLeft", rows, at("shared/map/a"), 10), { to: at("shared/map") });
    assert.deepEqual(steps("ArrowLeft", rows, at("shared/map"), 10), { to: at("shared/map"), toggle: false });
    assert.deepEqual(steps("ArrowRight", rows, at("shared"), 10), { to: 1 });
    assert.equal(steps("ArrowRight", rows, at("shared/z"), 10), undefined);
    assert.equal(steps("a", rows, 0, 10), undefined);
    const closed = rowsOf(["shared/map/a"], new Set(["shared/map"]));
    assert.deepEqual(steps("ArrowRight", closed, 1, 10), { to: 1, toggle: true });
    assert.equal(steps("ArrowDown", [], 0, 10), undefined);
  });
});
