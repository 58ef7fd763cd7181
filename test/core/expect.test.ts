import assert from "node:assert/strict";
import { Deciding, gm, kim, watcher } from "../support/deciding.ts";
import { packed } from "../support/packed.ts";

describe("expect", () => {
  let table: Deciding;
  const bump = { path: "shared/n", by: 1 };
  beforeEach(() => {
    table = new Deciding();
    table.do(gm, "set", { path: "shared/a", value: { x: 1, y: "two" } });
    table.do(kim, "set", { path: "shared/a/x", value: 2 });
  });

  it("[A10] applies where every expectation holds", () => {
    table.do(kim, "increment", bump, { "shared/a/x": 2, "shared/a/y": 1, "shared/none": 0, "shared/a/x/under": 0 });
    assert.equal(table.texts["shared/n"], "1");
  });

  it("[A10] refuses otherwise, with those that do not hold, as they stand", () => {
    const refused = table.refuses("conflict", kim, "increment", bump, {
      "shared/a/x": 1,
      "shared/a/y": 1,
      "shared/gone": 7,
    });
    assert.equal(refused.retryable, false);
    assert.deepEqual(refused.conflicts, [
      { path: "shared/a/x", version: 2, value: "2" },
      { path: "shared/gone", version: 0, value: null },
    ]);
    assert.equal(refused.op, undefined);
  });

  it("[A11] 0 is met by nothing there and nothing below; else it lists the entry, or those below", () => {
    const there = table.refuses("conflict", kim, "increment", bump, { "shared/a/x": 0 });
    assert.deepEqual(there.conflicts, [{ path: "shared/a/x", version: 2, value: "2" }]);
    const below = table.refuses("conflict", kim, "increment", bump, { "shared/a": 0 });
    assert.deepEqual(
      [...below.conflicts!].sort((a, b) => (a.path < b.path ? -1 : 1)),
      [
        { path: "shared/a/x", version: 2, value: "2" },
        { path: "shared/a/y", version: 1, value: '"two"' },
      ],
    );
  });

  it("[A11] a version is not met by a subtree", () => {
    const refused = table.refuses("conflict", kim, "increment", bump, { "shared/a": 1 });
    assert.deepEqual(refused.conflicts, [{ path: "shared/a", version: 0, value: null }]);
  });

  it("[A11] lists 16 entries below, and no more", () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, i]));
    table.do(gm, "set", { path: "shared/many", value: many });
    const refused = table.refuses("conflict", kim, "increment", bump, { "shared/many": 0 });
    assert.equal(new Set(refused.conflicts!.map(({ path }) => path)).size, 16);
  });

  it("[A51] lists 64 entries and no more, and the path that a forbidden one is among is told all the same", () => {
    const wrong = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`shared/none/${i}`, 7]));
    const refused = table.refuses("conflict", kim, "increment", bump, wrong);
    assert.deepEqual(
      refused.conflicts?.map(({ path }) => path),
      Object.keys(wrong).slice(0, 64),
    );
    table.refuses("forbidden", kim, "increment", bump, { ...wrong, "gm/plan": 0 });
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]));
    table.do(gm, "set", { path: "shared/many", value: { a: many, b: many, c: many, d: many, e: many } });
    const below = Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [`shared/many/${key}`, 0]));
    assert.equal(table.refuses("conflict", kim, "increment", bump, below).conflicts?.length, 64);
  });

  it("[A51] lists as many entries as fit into 64 KiB", () => {
    const large = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, "x".repeat(16_000)]));
    for (const [key, value] of Object.entries(large)) table.do(gm, "set", { path: `shared/l/${key}`, value });
    const wrong = Object.fromEntries(Object.keys(large).map((key) => [`shared/l/${key}`, 99]));
    const refused = table.refuses("conflict", kim, "increment", bump, wrong);
    assert.equal(refused.conflicts?.length, 4);
    assert.ok(packed(refused).length <= 64 * 1024 + 200, `${packed(refused).length} bytes`);
    const small = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`shared/none/${"x".repeat(100)}${i}`, 7]));
    assert.equal(table.refuses("conflict", kim, "increment", bump, small).conflicts?.length, 64);
  });

  it("[A10] lists an entry once, however many expectations meet it", () => {
    const refused = table.refuses("conflict", kim, "increment", bump, {
      "shared/a": 0,
      "shared/a/x": 9,
      "shared/a/y": 0,
    });
    assert.deepEqual(refused.conflicts!.map(({ path }) => path).sort(), ["shared/a/x", "shared/a/y"]);
  });

  it("[A12] refuses what the sender may not read, existing or not, before any conflict is told", () => {
    table.do(gm, "set", { path: "gm/there", value: 1 });
    for (const path of ["gm/there", "gm/none", "private/lee/x"]) {
      for (const version of [0, 3]) {
        const refused = table.refuses("forbidden", kim, "increment", bump, { "shared/a/x": 9, [path]: version });
        assert.equal(refused.conflicts, undefined);
      }
    }
    table.do(gm, "increment", bump, { "gm/there": 3, "private/lee/x": 0 });
    table.do(kim, "increment", bump, { "private/kim/x": 0 });
  });

  it("[A12] refuses what is no path", () => {
    for (const path of ["shared", "nowhere/x", "shared//x", "shared/.", "shared/e\u0301"]) {
      table.refuses("invalid_path", kim, "increment", bump, { [path]: 0 });
    }
  });

  it("[A3] is looked at after the right, and before the action's own", () => {
    table.refuses("forbidden", kim, "set", { path: "gm/x", value: 1 }, { "shared/a/x": 9 });
    table.refuses("forbidden", watcher, "set", { path: "shared/x", value: 1 }, { "shared/a/x": 9 });
    table.refuses("conflict", kim, "increment", { path: "shared/a/y", by: 1 }, { "shared/a/x": 9 });
    table.refuses("invalid_path", kim, "set", { path: "gm/x", value: 1 }, { shared: 9 });
  });

  it("[A10] is looked at on the entries before the whole batch", () => {
    const ops = [
      { action: "set", payload: { path: "shared/a/x", value: 7 } },
      { action: "delete", payload: { path: "shared/a/x" } },
    ];
    table.refuses("conflict", kim, "batch", { ops }, { "shared/a/x": 0 });
    table.do(kim, "batch", { ops }, { "shared/a/x": 2 });
  });
});
