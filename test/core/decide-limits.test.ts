import assert from "node:assert/strict";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { parseCommand } from "../../src/core/command.ts";
import { decide } from "../../src/core/decide.ts";
import type { Json } from "../../src/core/json.ts";
import { isRefusal, refusal } from "../../src/core/refusal.ts";
import { Deciding, gm, kim } from "../support/deciding.ts";

const entry = (value: string) => ({ value, version: 0, by: "gm" });

describe("limits", () => {
  let table: Deciding;
  beforeEach(() => {
    table = new Deciding();
  });

  it("[A30] takes a value of 16 KiB of JSON text in UTF-8, and refuses a byte more, in every action", () => {
    const fits = `${"é".repeat(8191)}`; // with its quotes 16,384 bytes
    table.do(kim, "set", { path: "shared/a", value: fits });
    for (const value of [`${fits}x`, [fits], { deep: `${fits}x` }, { list: [`${fits}x`] }]) {
      table.refuses("limit_exceeded", kim, "set", { path: "shared/b", value });
      table.refuses("limit_exceeded", kim, "merge", { path: "shared/b", value: { v: value } });
    }
    table.refuses("limit_exceeded", kim, "append", { path: "shared/b", values: [fits] });
    table.do(kim, "append", { path: "shared/b", values: ["x".repeat(16_000)] });
    table.refuses("limit_exceeded", kim, "append", { path: "shared/b", values: ["x".repeat(1000)] });
    table.do(kim, "append", { path: "shared/b", values: ["x".repeat(1000)], max: 1 });
  });

  it("[A30] judges a value at each write of a batch", () => {
    const ops = [
      { action: "set", payload: { path: "shared/a", value: 1 } },
      { action: "set", payload: { path: "shared/a", value: "x".repeat(20_000) } },
      { action: "delete", payload: { path: "shared/a" } },
    ];
    assert.equal(table.refuses("limit_exceeded", kim, "batch", { ops }).op, 1);
  });

  describe("of a session", () => {
    function fill(entries: number): void {
      for (let i = 0; i < entries; i++) table.entries.put(`shared/fill/${i}`, entry("1"));
    }
    const add = (path: string) => ({ action: "set", payload: { path, value: 1 } });
    const drop = { action: "delete", payload: { path: "shared/fill/0" } };

    it("[A31] takes 10,000 entries and refuses one more", () => {
      fill(9_998);
      table.refuses("limit_exceeded", kim, "set", { path: "shared/new", value: { a: 1, b: 2, c: 3 } });
      table.do(kim, "set", { path: "shared/new", value: { a: 1, b: 2 } });
      table.refuses("limit_exceeded", kim, "increment", { path: "shared/one", by: 1 });
      table.do(kim, "increment", { path: "shared/new/a", by: 1 });
      table.do(kim, "move", { from: "shared/new", to: "shared/moved" });
    });

    it("[A31] lets a batch be over in between, and names the operation since which it was over", () => {
      fill(10_000);
      table.do(kim, "batch", { ops: [add("shared/a"), drop] });
      assert.equal(table.entries.size, 10_000);
      const ops = [
        add("shared/b"),
        { action: "delete", payload: { path: "shared/a" } },
        add("shared/c"),
        add("shared/d"),
      ];
      assert.equal(table.refuses("limit_exceeded", kim, "batch", { ops }).op, 2);
    });

    it("[A31] takes 4 MiB of paths and values, and refuses a byte more", () => {
      const value = JSON.stringify("x".repeat(16_000));
      for (let i = 0; table.entries.bytes + 16_100 <= 4 * 1024 * 1024; i++)
        table.entries.put(`shared/fill/${i}`, entry(value));
      const path = "shared/last";
      const left = 4 * 1024 * 1024 - table.entries.bytes - path.length - 2;
      assert.ok(left > 10 && left < 16_380);
      const last = `é${"x".repeat(left - 2)}`;
      table.refuses("limit_exceeded", kim, "set", { path, value: `${last}x` });
      table.do(kim, "set", { path, value: last });
      assert.equal(table.entries.bytes, 4 * 1024 * 1024);
      table.refuses("limit_exceeded", kim, "move", { from: path, to: `${path}r` });
      table.do(kim, "move", { from: path, to: "shared/l" });
    });

    it("[A32] lets a full session be moved once, and stops a batch before it is moved again", () => {
      fill(10_000);
      const there = { action: "move", payload: { from: "shared/fill", to: "shared/b" } };
      const back = { action: "move", payload: { from: "shared/b", to: "shared/fill" } };
      const refused = table.refuses("limit_exceeded", gm, "batch", { ops: [there, back, there, back] });
      assert.equal(refused.op, 1);
      table.do(gm, "move", there.payload);
      const one = { action: "increment", payload: { path: "shared/one", by: 1 } };
      assert.equal(table.refuses("limit_exceeded", gm, "batch", { ops: [back, one] }).op, 1);
    });

    it("[A32] counts what is put and removed, whatever action does it, and what is put in its own place once", () => {
      fill(6_000);
      const value = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`${i}`, 2]));
      const set = { action: "set", payload: { path: "shared/fill", value } };
      assert.equal(table.refuses("limit_exceeded", gm, "batch", { ops: [set, set, set, set] }).op, 3);
      const merge = { action: "merge", payload: { path: "shared/fill", value } };
      assert.equal(table.refuses("limit_exceeded", gm, "batch", { ops: [merge, merge, merge, merge] }).op, 3);
      const remove = { action: "delete", payload: { path: "shared/fill" } };
      assert.equal(table.refuses("limit_exceeded", gm, "batch", { ops: [set, remove, set, remove] }).op, 3);
      assert.equal(table.do(gm, "batch", { ops: [set, remove, set] }).changes.length, 6_000);
    });

    it("[A32] is told before the first write of a move, a set or a delete", () => {
      fill(10_000);
      const writes: string[] = [];
      const spend = (units: number) => {
        writes.push(`${Math.round(units)} before ${table.entries.size}`);
        return undefined;
      };
      for (const [action, payload] of [
        ["move", { from: "shared/fill", to: "shared/b/c" }],
        ["delete", { path: "shared/fill" }],
        ["set", { path: "shared/fill/7", value: [1] }],
      ] as const) {
        const command = parseCommand({ id: "c", action, payload });
        assert.ok(!isRefusal(command));
        const state = { entries: table.entries, status: "live" as const, seq: 0 };
        assert.ok(!isRefusal(decide(state, gm, command, actionRegistry(), { now: 0, random: () => 0, spend })));
      }
      assert.deepEqual(writes, ["20010 before 10000", "10000 before 10000", "1 before 10000"]);
    });

    it("[A50] asks for what is put, removed and written before it does it, and without a budget does nothing", () => {
      table.do(gm, "set", { path: "shared/a", value: { x: "é".repeat(512), y: 1 } });
      const asked: number[] = [];
      const tried = (action: string, payload: Json, budget = Number.POSITIVE_INFINITY) => {
        const command = parseCommand({ id: "c", action, payload });
        assert.ok(!isRefusal(command));
        let left = budget;
        asked.length = 0;
        const before = table.texts;
        const decision = decide({ entries: table.entries, status: "live", seq: 0 }, gm, command, actionRegistry(), {
          now: 0,
          random: () => 0,
          spend: (units) => {
            asked.push(units);
            left -= units;
            return left < 0 ? refusal("rate_limited", "No more.", { retryAfterMs: 1 }) : undefined;
          },
        });
        assert.deepEqual(table.texts, before);
        return isRefusal(decision) ? decision.code : "accepted";
      };
      const kib = (bytes: number) => bytes / 1024;
      assert.equal(tried("set", { path: "shared/b", value: [1, 2] }), "accepted");
      assert.deepEqual(asked, [1 + kib(5)]);
      assert.equal(tried("move", { from: "shared/a", to: "shared/c" }), "accepted");
      assert.deepEqual(asked, [4 + kib(1_027)]);
      assert.equal(tried("move", { from: "shared/a", to: "shared" }), "invalid_path");
      assert.equal(tried("delete", { path: "shared/a" }), "accepted");
      assert.deepEqual(asked, [2]);
      assert.equal(tried("delete", { path: "shared/none" }, 0), "accepted", "nothing costs nothing");
      assert.equal(tried("increment", { path: "shared/n", by: 1 }, 1), "rate_limited");
      assert.equal(tried("append", { path: "shared/l", values: ["x".repeat(1_020)] }, 1.5), "rate_limited");
      const two = [1, 2].map((n) => ({ action: "set", payload: { path: `shared/two/${n}`, value: n } }));
      assert.equal(tried("batch", { ops: two }, 1.5), "rate_limited");
      assert.equal(tried("batch", { ops: two }, 2.5), "accepted");
    });

    it("[P8] a set of one path costs the same in a full session as in an empty one", () => {
      const actions = actionRegistry();
      const command = parseCommand({ id: "c", action: "set", payload: { path: "shared/fill/7/deep", value: 2 } });
      const other = parseCommand({ id: "c", action: "set", payload: { path: "shared/fill/9", value: 2 } });
      assert.ok(!isRefusal(command) && !isRefusal(other));
      fill(10_000);
      // Whatever walks over all entries would take the iterator or touch more than the path's own keys.
      const walked: string[] = [];
      const entries = new Proxy(table.entries, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            walked.push(`${String(key)} ${args[0]}`);
            return value.apply(target, args);
          };
        },
      });
      const state = { entries, status: "live" as const, seq: 0 };
      const context = { now: 0, random: () => 0 };
      assert.ok(!isRefusal(decide(state, kim, other, actions, context)));
      assert.ok(isRefusal(decide(state, kim, command, actions, context)));
      assert.ok(walked.length > 0 && walked.length < 30, walked.join(", "));
      assert.ok(
        walked.every((call) => /shared\/fill\/(9|7\/deep)$/.test(call)),
        walked.join(", "),
      );
    });
  });
});
