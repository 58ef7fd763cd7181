import assert from "node:assert/strict";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { parseCommand } from "../../src/core/command.ts";
import { decide } from "../../src/core/decide.ts";
import { isRefusal } from "../../src/core/refusal.ts";
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

    it("[A32] stops a batch of many large moves", () => {
      fill(10_000);
      const ops = Array.from({ length: 256 }, (_, i) => ({
        action: "move",
        payload: i % 2 === 0 ? { from: "shared/fill", to: "shared/b" } : { from: "shared/b", to: "shared/fill" },
      }));
      assert.ok((table.refuses("limit_exceeded", gm, "batch", { ops }).op ?? 0) >= 4);
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
