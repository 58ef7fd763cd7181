import assert from "node:assert/strict";
import { Deciding, gm, kim } from "../support/deciding.ts";

describe("actions", () => {
  let table: Deciding;
  beforeEach(() => {
    table = new Deciding();
  });
  const set = (path: string, value: Parameters<Deciding["do"]>[2]) => table.do(gm, "set", { path, value });

  describe("values", () => {
    it("[P9] makes one entry of a scalar or an array, and one per leaf of an object", () => {
      set("shared/hero", { name: "Zoë", hp: { now: 3, max: 8 }, bag: [{ a: 1 }, 2], gone: null, empty: {} });
      assert.deepEqual(table.texts, {
        "shared/hero/bag": '[{"a":1},2]',
        "shared/hero/gone": "null",
        "shared/hero/hp/max": "8",
        "shared/hero/hp/now": "3",
        "shared/hero/name": '"Zoë"',
      });
      set("shared/zero", -0);
      assert.equal(table.entries.get("shared/zero")?.value, "0");
    });

    it("[P9] refuses keys that are no segments, of empty objects and in merges too", () => {
      for (const key of ["a/b", "", ".", "..", "e\u0301", "\u0007", "k".repeat(129)]) {
        for (const value of [{ [key]: 1 }, { ok: { [key]: {} } }, { [key]: null }]) {
          table.refuses("invalid_path", kim, "set", { path: "shared/a", value });
          table.refuses("invalid_path", kim, "merge", { path: "shared/a", value });
        }
      }
    });

    it("[P9] counts the keys among the eight segments", () => {
      const path = "shared/2/3/4/5/6/7";
      table.do(kim, "set", { path, value: { 8: 1 } });
      table.do(kim, "set", { path: `${path}/8`, value: {} });
      assert.deepEqual(table.texts, {});
      for (const value of [{ 8: { 9: 1 } }, { 8: { 9: {} } }, { 8: { 9: null } }]) {
        table.refuses("invalid_path", kim, "set", { path, value });
        table.refuses("invalid_path", kim, "merge", { path, value });
      }
    });

    it("[P10] leaves objects inside arrays as they are", () => {
      set("shared/a", [{ "x/y": { "": { "..": 1 } } }]);
      assert.deepEqual(table.texts, { "shared/a": '[{"x/y":{"":{"..":1}}}]' });
    });

    it("[P3] takes __proto__ and constructor as keys", () => {
      set("shared/a", JSON.parse('{"__proto__": {"constructor": 1}, "constructor": [2], "toString": null}'));
      assert.deepEqual(Object.keys(table.texts).sort(), [
        "shared/a/__proto__/constructor",
        "shared/a/constructor",
        "shared/a/toString",
      ]);
      table.do(gm, "merge", { path: "shared/a", value: JSON.parse('{"__proto__": null, "constructor": 3}') });
      assert.deepEqual(table.texts, { "shared/a/constructor": "3", "shared/a/toString": "null" });
    });
  });

  it("[A4] refuses payloads with a field too few, too many, or of another type", () => {
    const path = "shared/a";
    const wrong = {
      set: [null, 1, [], {}, { path }, { value: 1 }, { path, value: 1, more: 1 }, { path: 5, value: 1 }],
      merge: [{ path }, { path, value: 1 }, { path, value: [1] }, { path, value: null }, { path, value: {}, max: 1 }],
      delete: [{}, { path: null }, { path, value: 1 }, "shared/a"],
      increment: [{ path }, { path, by: "1" }, { path, by: null }, { path, by: 1, max: 2 }, { by: 1 }],
      append: [
        ...[{ path }, { path, values: 1 }, { path, values: { length: 1 } }, { values: [] }],
        ...[0, -1, 1.5, "2"].map((max) => ({ path, values: [], max })),
      ],
      move: [{ from: path }, { to: path }, { from: path, to: 1 }, { from: path, to: "shared/b", path }],
    };
    for (const [action, payloads] of Object.entries(wrong)) {
      for (const payload of payloads) table.refuses("bad_request", gm, action, payload);
    }
    table.refuses("bad_request", gm, "set", JSON.parse('{"path":"shared/a","value":1,"__proto__":1}'));
    table.refuses("bad_request", gm, "set", JSON.parse('{"__proto__":{"path":"shared/a","value":1}}'));
  });

  it("[A20] refuses to write under a scalar or an array, in every action", () => {
    set("shared/s", null);
    set("shared/a", []);
    set("shared/other", 1);
    for (const path of ["shared/s/x", "shared/a/0/y"]) {
      for (const value of [1, {}, { x: 1 }]) table.refuses("path_conflict", kim, "set", { path, value });
      for (const value of [{ x: 1 }, {}, { x: null }]) table.refuses("path_conflict", kim, "merge", { path, value });
      table.refuses("path_conflict", kim, "delete", { path });
      table.refuses("path_conflict", kim, "increment", { path, by: 1 });
      table.refuses("path_conflict", kim, "append", { path, values: [1] });
      table.refuses("path_conflict", kim, "move", { from: "shared/other", to: path });
      table.refuses("not_found", kim, "move", { from: path, to: "shared/other" });
    }
  });

  describe("set", () => {
    it("[A21] replaces a subtree by a value, a value by a subtree, a subtree by another", () => {
      set("shared/a", { x: 1, y: { z: 2 } });
      set("shared/ab", 0);
      set("shared/a", 5);
      assert.deepEqual(table.texts, { "shared/a": "5", "shared/ab": "0" });
      set("shared/a", { x: 1, y: 2 });
      set("shared/a", { y: { z: 3 } });
      assert.deepEqual(table.texts, { "shared/a/y/z": "3", "shared/ab": "0" });
    });

    it("[A21] empties with an empty object, and stores null", () => {
      set("shared/a", { x: 1, y: 2 });
      set("shared/a", {});
      assert.deepEqual(table.texts, {});
      set("shared/a", null);
      assert.deepEqual(table.texts, { "shared/a": "null" });
      set("shared/a", { x: {} });
      assert.deepEqual(table.texts, {});
    });
  });

  describe("merge", () => {
    it("[A22] changes what it names and nothing else; null deletes whole subtrees", () => {
      set("shared/a", { keep: 1, change: 2, drop: { x: 1, y: 2 }, deep: { keep: 1, drop: 2 }, list: [1, 2] });
      table.do(kim, "merge", {
        path: "shared/a",
        value: {
          change: 3,
          drop: null,
          none: null,
          deep: { drop: null, add: [null] },
          fresh: { drop: null, add: "x" },
          list: [3],
        },
      });
      assert.deepEqual(table.texts, {
        "shared/a/change": "3",
        "shared/a/deep/add": "[null]",
        "shared/a/deep/keep": "1",
        "shared/a/fresh/add": '"x"',
        "shared/a/keep": "1",
        "shared/a/list": "[3]",
      });
      assert.equal(table.stamp("shared/a/keep"), "gm@1");
      assert.equal(table.stamp("shared/a/change"), "kim@2");
    });

    it("[A22] lets scalars and arrays replace a subtree", () => {
      set("shared/a", { b: { c: 1 }, d: { e: 1 } });
      table.do(kim, "merge", { path: "shared/a", value: { b: 7, d: [] } });
      assert.deepEqual(table.texts, { "shared/a/b": "7", "shared/a/d": "[]" });
    });

    it("[A22] refuses an object where a scalar, an array or null stands, at the path itself and below", () => {
      for (const there of [1, "x", null, [1]]) {
        set("shared/a", { in: there, beside: 1 });
        for (const value of [{}, { x: 1 }, { x: null }]) {
          table.refuses("path_conflict", kim, "merge", { path: "shared/a/in", value });
          table.refuses("path_conflict", kim, "merge", { path: "shared/a", value: { beside: 2, in: value } });
        }
      }
    });

    it("[A22] changes nothing with an empty object", () => {
      set("shared/a", { x: 1 });
      assert.deepEqual(table.do(kim, "merge", { path: "shared/a", value: {} }).changes, []);
      assert.deepEqual(table.do(kim, "merge", { path: "shared/none", value: { x: {} } }).changes, []);
      assert.deepEqual(table.texts, { "shared/a/x": "1" });
    });
  });

  it("[A23] delete removes an entry or a subtree, and accepts nothing there", () => {
    set("shared/a", { x: 1, y: { z: 2 } });
    set("shared/ab", 1);
    table.do(kim, "delete", { path: "shared/a/x" });
    assert.deepEqual(table.texts, { "shared/a/y/z": "2", "shared/ab": "1" });
    table.do(kim, "delete", { path: "shared/a" });
    assert.deepEqual(table.texts, { "shared/ab": "1" });
    assert.deepEqual(table.do(kim, "delete", { path: "shared/a" }), { changes: [] });
    assert.equal(table.seq, 5);
  });

  describe("increment", () => {
    it("[A24] counts from what is there, or from 0, and answers the new value", () => {
      const by = (n: number) => table.do(kim, "increment", { path: "shared/hp", by: n }).result;
      assert.deepEqual([by(5), by(-7.5), by(0), by(2.5), by(-0)], ["5", "-2.5", "-2.5", "0", "0"]);
      assert.equal(table.texts["shared/hp"], "0");
      assert.equal(table.stamp("shared/hp"), "kim@4");
    });

    it("[A24] refuses what is no number, a subtree, and to leave the finite numbers", () => {
      for (const value of ["1", null, true, [1]]) {
        set("shared/a", value);
        table.refuses("not_a_number", kim, "increment", { path: "shared/a", by: 1 });
      }
      set("shared/a", { x: 1 });
      table.refuses("path_conflict", kim, "increment", { path: "shared/a", by: 1 });
      set("shared/a", 1e308);
      table.refuses("limit_exceeded", kim, "increment", { path: "shared/a", by: 1e308 });
      set("shared/a", -1e308);
      table.refuses("limit_exceeded", kim, "increment", { path: "shared/a", by: -1e308 });
    });
  });

  describe("append", () => {
    it("[A25] adds at the end, creates what is missing, and answers the new length", () => {
      const add = (values: number[], more: { max?: number } = {}) =>
        table.do(kim, "append", { path: "shared/log", values, ...more }).result;
      assert.deepEqual([add([]), add([1, 2]), add([3])], ["0", "2", "3"]);
      assert.equal(table.texts["shared/log"], "[1,2,3]");
      assert.equal(add([4], { max: 2 }), "2");
      assert.equal(table.texts["shared/log"], "[3,4]");
      assert.equal(add([5, 6, 7], { max: 1 }), "1");
      assert.equal(add([], { max: 9 }), "1");
      assert.equal(table.texts["shared/log"], "[7]");
      table.do(kim, "append", { path: "shared/log", values: [[8], { "a/b": null }] });
      assert.equal(table.texts["shared/log"], '[7,[8],{"a/b":null}]');
    });

    it("[A25] trims what is there already, with no values", () => {
      set("shared/log", [1, 2, 3]);
      assert.equal(table.do(kim, "append", { path: "shared/log", values: [], max: 2 }).result, "2");
      assert.equal(table.texts["shared/log"], "[2,3]");
    });

    it("[A25] takes a max of null for none", () => {
      set("shared/log", [1, 2]);
      assert.equal(table.do(kim, "append", { path: "shared/log", values: [3], max: null }).result, "3");
    });

    it("[A25] refuses what is no array, and a subtree", () => {
      for (const value of ["[]", null, 0]) {
        set("shared/a", value);
        table.refuses("not_an_array", kim, "append", { path: "shared/a", values: [1] });
      }
      set("shared/a", { 0: 1 });
      table.refuses("path_conflict", kim, "append", { path: "shared/a", values: [1] });
    });
  });

  describe("move", () => {
    it("[A26] takes an entry or a subtree to its new place, and replaces what is there", () => {
      set("gm/secret", { door: { open: false }, name: "x" });
      set("shared/scene", { old: 1 });
      table.do(gm, "move", { from: "gm/secret", to: "shared/scene" });
      assert.deepEqual(table.texts, { "shared/scene/door/open": "false", "shared/scene/name": '"x"' });
      table.do(kim, "move", { from: "shared/scene/name", to: "shared/title" });
      assert.deepEqual(table.texts, { "shared/scene/door/open": "false", "shared/title": '"x"' });
      assert.equal(table.stamp("shared/title"), "kim@4");
      assert.equal(table.stamp("shared/scene/door/open"), "gm@3");
    });

    it("[A26] onto its own parent, or higher, replaces that", () => {
      set("shared/a", { b: { c: { x: 1 }, y: 2 }, z: 3 });
      table.do(kim, "move", { from: "shared/a/b/c", to: "shared/a" });
      assert.deepEqual(table.texts, { "shared/a/x": "1" });
      table.do(kim, "move", { from: "shared/a/x", to: "shared/a" });
      assert.deepEqual(table.texts, { "shared/a": "1" });
    });

    it("[A26] refuses to itself, into itself, of nothing, and too deep", () => {
      set("shared/a", { b: 1 });
      for (const to of ["shared/a", "shared/a/b", "shared/a/c/d"]) {
        table.refuses("path_conflict", kim, "move", { from: "shared/a", to });
        table.refuses("path_conflict", kim, "move", { from: "shared/a", to });
      }
      table.refuses("path_conflict", kim, "move", { from: "shared/none", to: "shared/none" });
      table.refuses("not_found", kim, "move", { from: "shared/none", to: "shared/x" });
      table.refuses("not_found", kim, "move", { from: "shared/a/b/c", to: "shared/x" });
      table.refuses("invalid_path", kim, "move", { from: "shared/a", to: "shared/2/3/4/5/6/7/8" });
      table.do(kim, "move", { from: "shared/a", to: "shared/2/3/4/5/6/7" });
      assert.deepEqual(table.texts, { "shared/2/3/4/5/6/7/b": "1" });
    });

    it("[A26] needs the right to write both", () => {
      set("gm/a", 1);
      set("shared/a", 1);
      table.refuses("forbidden", kim, "move", { from: "gm/a", to: "shared/b" });
      table.refuses("forbidden", kim, "move", { from: "shared/a", to: "gm/b" });
      table.refuses("forbidden", kim, "move", { from: "shared/a", to: "players/lee/b" });
      table.do(kim, "move", { from: "shared/a", to: "private/kim/a" });
    });
  });
});
