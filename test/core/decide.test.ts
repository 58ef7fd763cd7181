import assert from "node:assert/strict";
import type { Json } from "../../src/core/json.ts";
import type { RefusalCode } from "../../src/core/refusal.ts";
import { Deciding, gm, kim, lee, watcher } from "../support/deciding.ts";

const set = (path: string, value: Json) => ({ action: "set", payload: { path, value } });
const op = (action: string, payload: Json) => ({ action, payload });

describe("decide", () => {
  let table: Deciding;
  beforeEach(() => {
    table = new Deciding();
  });

  describe("who and when", () => {
    it("[A5] lets GMs act in all statuses but ended, players in live alone", () => {
      const write = { path: "shared/a", value: 1 };
      table.status = "created";
      table.do(gm, "set", write);
      table.refuses("session_not_live", kim, "set", write);
      table.status = "live";
      table.do(gm, "set", write);
      table.do(kim, "set", write);
      table.status = "paused";
      table.do(gm, "set", write);
      table.statusNote = "Paused by gm: pizza.";
      assert.equal(table.refuses("session_paused", kim, "set", write).message, "Paused by gm: pizza.");
      table.status = "ended";
      table.refuses("session_ended", kim, "set", write);
      table.refuses("session_ended", gm, "set", write);
      table.refuses("session_ended", gm, "batch", { ops: [] });
    });

    it("[P5] gives every built-in action the same rights", () => {
      const write = (path: string): [string, Json][] => [
        ["set", { path, value: 1 }],
        ["merge", { path, value: { a: 1 } }],
        ["delete", { path }],
        ["increment", { path, by: 1 }],
        ["append", { path, values: [1] }],
      ];
      for (const path of ["gm/a", "table/a", "players/lee", "players/lee/a", "private/lee/a"]) {
        for (const [action, payload] of write(path)) table.refuses("forbidden", kim, action, payload);
      }
      for (const path of ["shared/a", "players/watcher/a", "private/watcher/a"]) {
        for (const [action, payload] of write(path)) table.refuses("forbidden", watcher, action, payload);
      }
      for (const path of ["gm/b", "table/b", "players/nobody/b", "private/lee/b"]) {
        table.do(gm, "set", { path, value: 1 });
      }
      table.do(kim, "set", { path: "private/kim", value: { a: 1 } });
    });

    it("[A3] tells the first of action, shape, status, path, right, expect, and the action's own", () => {
      table.do(gm, "set", { path: "shared/text", value: "x" });
      table.status = "paused";
      const wrong: [RefusalCode, string, Json, Record<string, number>][] = [
        ["unknown_action", "sing", {}, { nowhere: 1 }],
        ["bad_request", "increment", { path: "nowhere", by: "x" }, { nowhere: 1 }],
        ["session_paused", "increment", { path: "nowhere", by: 1 }, { nowhere: 1 }],
      ];
      for (const [code, action, payload, expect] of wrong) table.refuses(code, kim, action, payload, expect);
      table.status = "live";
      table.refuses("invalid_path", kim, "increment", { path: "nowhere", by: 1 }, { "gm/x": 1 });
      table.refuses("invalid_path", kim, "increment", { path: "gm/x", by: 1 }, { nowhere: 1 });
      table.refuses("forbidden", kim, "increment", { path: "gm/x", by: 1 }, { "shared/text": 9 });
      table.refuses("conflict", kim, "increment", { path: "shared/text", by: 1 }, { "shared/text": 9 });
      table.refuses("not_a_number", kim, "increment", { path: "shared/text", by: 1 }, { "shared/text": 1 });
    });

    it("[A3] does not know actions by the names of an object's own machinery", () => {
      for (const name of ["__proto__", "constructor", "toString", ""]) table.refuses("unknown_action", gm, name, {});
    });
  });

  describe("what changes", () => {
    it("[A7] leaves version and author where the text stays the same, and still takes a seq", () => {
      table.do(gm, "set", { path: "shared/a", value: { x: 1, y: 2 } });
      assert.deepEqual(table.do(kim, "set", { path: "shared/a", value: { y: 2, x: 1 } }).changes, []);
      table.do(kim, "set", { path: "shared/a", value: { x: 1, y: 3 } });
      assert.deepEqual([table.stamp("shared/a/x"), table.stamp("shared/a/y")], ["gm@1", "kim@3"]);
      assert.deepEqual(table.do(lee, "increment", { path: "shared/a/x", by: 0 }), { changes: [], result: "1" });
      assert.deepEqual(table.do(lee, "merge", { path: "shared/a", value: { x: 1 } }).changes, []);
      assert.equal(table.seq, 5);
      assert.equal(table.stamp("shared/a/x"), "gm@1");
    });

    it("[A7] counts what a batch did and took back as unchanged", () => {
      table.do(gm, "set", { path: "shared/a", value: 1 });
      const ops = [
        op("delete", { path: "shared/a" }),
        set("shared/a", { b: 2 }),
        set("shared/a", 1),
        set("shared/n", 1),
        op("delete", { path: "shared/n" }),
      ];
      assert.deepEqual(table.do(kim, "batch", { ops }).changes, []);
      assert.equal(table.stamp("shared/a"), "gm@1");
    });

    it("[A7] has removals before puts", () => {
      table.do(gm, "set", { path: "shared/a", value: { x: 1, y: 2 } });
      assert.deepEqual(
        table
          .do(kim, "set", { path: "shared/a", value: 1 })
          .changes.map(([path]) => path)
          .at(-1),
        "shared/a",
      );
      const changes = table.do(kim, "set", { path: "shared/a", value: { x: 1 } }).changes;
      assert.deepEqual(changes, [
        ["shared/a", null],
        ["shared/a/x", "1"],
      ]);
    });
  });

  describe("batch", () => {
    it("[A27] works on the result of the operations before, as one command", () => {
      const ops = [
        set("shared/hp", 3),
        op("increment", { path: "shared/hp", by: 4 }),
        op("move", { from: "shared/hp", to: "players/kim/hp" }),
        op("append", { path: "shared/log", values: ["hp"] }),
        op("merge", { path: "shared/more", value: { x: 1 } }),
      ];
      assert.equal(table.do(kim, "batch", { ops }).result, undefined);
      assert.deepEqual(table.texts, { "players/kim/hp": "7", "shared/log": '["hp"]', "shared/more/x": "1" });
      assert.equal(table.seq, 1);
      assert.equal(table.stamp("players/kim/hp"), "kim@1");
    });

    it("[A27] [A8] applies nothing where one operation is refused, and says which", () => {
      table.do(gm, "set", { path: "shared/text", value: "x" });
      const good = set("shared/new", 1);
      const bad: [RefusalCode, { action: string; payload: Json }][] = [
        ["unknown_action", op("sing", {})],
        ["bad_request", op("set", { path: "shared/a" })],
        ["bad_request", op("batch", { ops: [] })],
        ["invalid_path", set("shared", 1)],
        ["forbidden", set("gm/a", 1)],
        ["not_a_number", op("increment", { path: "shared/text", by: 1 })],
        ["path_conflict", set("shared/new/under", 1)],
        ["not_found", op("move", { from: "shared/none", to: "shared/x" })],
      ];
      for (const [code, wrong] of bad) {
        assert.equal(table.refuses(code, kim, "batch", { ops: [good, wrong, good] }).op, 1);
      }
      assert.deepEqual(table.texts, { "shared/text": '"x"' });
    });

    it("[A27] tells the status per operation", () => {
      table.status = "paused";
      assert.equal(table.refuses("session_paused", kim, "batch", { ops: [set("shared/a", 1)] }).op, 0);
      table.refuses("session_paused", kim, "batch", { ops: [] });
      table.do(gm, "batch", { ops: [set("shared/a", 1)] });
    });

    it("[A27] refuses other shapes", () => {
      const good = set("shared/a", 1);
      for (const payload of [null, [], {}, { ops: {} }, { ops: [], more: 1 }, { ops: null }]) {
        assert.equal(table.refuses("bad_request", kim, "batch", payload).op, undefined);
      }
      for (const wrong of [null, "set", {}, { action: "set" }, { ...good, id: "x" }, { ...good, action: 1 }]) {
        assert.equal(table.refuses("bad_request", kim, "batch", { ops: [good, wrong] }).op, 1);
      }
    });

    it("[A27] takes no operations, and 256, and refuses 257", () => {
      assert.deepEqual(table.do(kim, "batch", { ops: [] }), { changes: [] });
      const ops = Array.from({ length: 256 }, () => op("increment", { path: "shared/n", by: 1 }));
      table.do(kim, "batch", { ops });
      assert.deepEqual(table.texts, { "shared/n": "256" });
      table.refuses("limit_exceeded", kim, "batch", { ops: [...ops, ops[0]!] });
    });

    it("[A3] looks at every operation's right before any operation's own refusal", () => {
      const ops = [op("move", { from: "shared/none", to: "shared/x" }), set("gm/x", 1)];
      assert.equal(table.refuses("forbidden", kim, "batch", { ops }).op, 1);
    });
  });
});
