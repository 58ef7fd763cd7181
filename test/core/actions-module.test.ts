import assert from "node:assert/strict";
import { z } from "zod";
import {
  type ActionContext,
  type ActionDefinition,
  BadActionDefinition,
  defineAction,
  type StandardSchema,
} from "../../src/core/actions/definition.ts";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import type { Json } from "../../src/core/json.ts";
import type { Refusal } from "../../src/core/refusal.ts";
import { Deciding, gm, kim, watcher } from "../support/deciding.ts";

type Run = (ctx: ActionContext, payload: unknown) => unknown;

const anything = z.unknown();
const everybody = ["gm", "player", "spectator"] as const;

/** A table with one action `act`, which does what it is told. */
function tableWith(run: Run, more: Partial<ActionDefinition> = {}): Deciding {
  return new Deciding(actionRegistry([{ name: "act", payload: anything, roles: everybody, run, ...more }]));
}

const roll = defineAction({
  name: "roll",
  payload: z.strictObject({ sides: z.int().min(2).max(100), note: z.string().optional() }),
  roles: ["gm", "player"],
  run(ctx, { sides, note }) {
    const rolled = 1 + Math.floor(ctx.random() * sides);
    const log = (ctx.get("table/rolls") ?? []) as Json[];
    ctx.set("table/rolls", [...log, rolled]);
    ctx.set("table/last", { by: ctx.actor.name, at: ctx.now, status: ctx.status, note });
    return { rolled };
  },
});

describe("actions module", () => {
  // mocha swallows rejections that nobody hears; a server process would end of one.
  const rejections: unknown[] = [];
  const hear = (reason: unknown) => void rejections.push(reason);
  const unheard = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return rejections.splice(0);
  };
  before(() => process.on("unhandledRejection", hear));
  after(() => process.off("unhandledRejection", hear));

  it("[A43] writes as the server, in the actor's name, with the dice and the time that it is given", () => {
    const table = new Deciding(actionRegistry([roll]));
    assert.equal(table.do(kim, "roll", { sides: 20 }).result, '{"rolled":11}');
    table.random = 0.999;
    assert.equal(table.do(gm, "roll", { sides: 6, note: "x" }).result, '{"rolled":6}');
    assert.deepEqual(table.texts, {
      "table/last/at": "1000",
      "table/last/by": `"gm's name"`,
      "table/last/note": '"x"',
      "table/last/status": '"live"',
      "table/rolls": "[11,6]",
    });
    assert.equal(table.stamp("table/rolls"), "gm@2");
    table.refuses("forbidden", kim, "set", { path: "table/rolls", value: [20] });
  });

  it("[A43] gets values, subtrees as objects and undefined, each a copy", () => {
    const seen: unknown[] = [];
    const table = tableWith((ctx) => {
      for (const path of ["shared/a", "shared/a/list", "shared/none", "gm/x", "shared/a/n/under"])
        seen.push(ctx.get(path));
      (ctx.get("shared/a/list") as unknown[]).push("mine");
      (ctx.get("shared/a") as Record<string, unknown>).n = "mine";
      ctx.set("shared/new", 1);
      seen.push(ctx.get("shared/new"));
      ctx.delete("shared/a/n");
      seen.push(ctx.get("shared/a/n"));
    });
    const value = JSON.parse('{"list":[{"x":1}],"n":5,"__proto__":{"p":1},"constructor":null}');
    table.do(gm, "set", { path: "shared/a", value });
    table.do(gm, "set", { path: "gm/x", value: "secret" });
    table.do(kim, "act", null);
    const [subtree, ...rest] = seen;
    assert.equal(Object.getPrototypeOf(subtree), Object.prototype);
    assert.deepEqual(Object.entries(subtree as object).sort(), Object.entries(value).sort());
    assert.deepEqual(rest, [[{ x: 1 }], undefined, "secret", undefined, 1, undefined]);
    assert.equal(table.entries.get("shared/a/list")?.value, '[{"x":1}]');
    assert.equal(table.entries.get("shared/a/n"), undefined);
  });

  it("[A43] throws path and size refusals, which the sender gets", () => {
    const wrong: [string, Run][] = [
      ["invalid_path", (ctx) => ctx.set("shared", 1)],
      ["invalid_path", (ctx) => ctx.get("nowhere/x")],
      ["invalid_path", (ctx) => ctx.delete(5 as unknown as string)],
      ["invalid_path", (ctx) => ctx.set("shared/x", { "a/b": 1 })],
      ["path_conflict", (ctx) => ctx.set("shared/s/under", 1)],
      ["path_conflict", (ctx) => ctx.delete("shared/s/under")],
      ["limit_exceeded", (ctx) => ctx.set("shared/x", "x".repeat(16_384))],
    ];
    for (const [code, run] of wrong) {
      const table = tableWith((ctx, payload) => {
        ctx.set("shared/first", 1);
        return run(ctx, payload);
      });
      table.do(gm, "set", { path: "shared/s", value: 1 });
      table.refuses(code as Refusal["code"], kim, "act", null);
      assert.deepEqual(table.texts, { "shared/s": "1" });
      assert.deepEqual(table.faults, []);
    }
  });

  it("[A31] [A43] keeps the limits of the session", () => {
    const table = tableWith((ctx) => {
      for (let i = 0; i < 10_001; i++) ctx.set(`shared/a/${i}`, i);
    });
    table.refuses("limit_exceeded", kim, "act", null);
  });

  it("[A43] goes on from a refusal that the action caught, which changed nothing", () => {
    const table = tableWith((ctx) => {
      ctx.set("shared/s", 1);
      try {
        ctx.set("shared/s/x", 1);
      } catch {
        ctx.set("shared/t", 2);
      }
    });
    table.do(kim, "act", null);
    assert.deepEqual(table.texts, { "shared/s": "1", "shared/t": "2" });
  });

  it("[A44] ends with the refusal of its choice, and undoes the whole command", () => {
    const table = tableWith((ctx) => {
      ctx.set("shared/a", { x: 1 });
      ctx.delete("shared/b");
      ctx.refuse("not_found", "No such spell.");
    });
    table.do(gm, "set", { path: "shared/b", value: 1 });
    const refused = table.refuses("not_found", kim, "act", null);
    assert.deepEqual(refused, { code: "not_found", message: "No such spell.", retryable: false });
    const ops = [
      { action: "set", payload: { path: "shared/c", value: 1 } },
      { action: "act", payload: null },
    ];
    assert.equal(table.refuses("not_found", kim, "batch", { ops }).op, 1);
    assert.deepEqual(table.texts, { "shared/b": "1" });
  });

  it("[A45] answers any other throw with internal, tells the cause to the log alone, and undoes the whole command", () => {
    const cause = new Error("secret of the GM");
    const table = tableWith((ctx) => {
      ctx.set("shared/a", 1);
      throw cause;
    });
    const refused = table.refuses("internal", kim, "act", null);
    assert.ok(!JSON.stringify(refused).includes("secret"));
    assert.deepEqual(table.faults, [["act", cause]]);
    assert.deepEqual(table.texts, {});
  });

  it("[A45] answers internal to promises, to what is no JSON, and to unknown codes", async () => {
    const faulty: Run[] = [
      async (ctx) => ctx.set("shared/a", 1),
      async () => {
        throw new Error("a rejection that nobody hears must not end the process");
      },
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      () => ({ then() {} }),
      (ctx) => ctx.set("shared/a", Number.NaN),
      (ctx) => ctx.set("shared/a", new Date()),
      (ctx) => ctx.set("shared/a", undefined),
      (ctx) => ctx.set("shared/a", "\ud800"),
      () => 1n,
      () => new Map(),
      () => Number.POSITIVE_INFINITY,
      (ctx) => ctx.refuse("no_such_code" as "conflict", "x"),
      (ctx) => ctx.refuse("toString" as "conflict", "x"),
      () => {
        const cyclic: unknown[] = [];
        cyclic.push(cyclic);
        return cyclic;
      },
      () => {
        throw undefined;
      },
    ];
    for (const run of faulty) {
      const table = tableWith(run);
      table.refuses("internal", kim, "act", null);
      assert.equal(table.faults.length, 1);
      assert.deepEqual(table.texts, {});
    }
    assert.deepEqual(await unheard(), []);
  });

  it("[A42] validates after right and expect, and hands on the schema's output", () => {
    const seen: unknown[] = [];
    const payload = z.object({ n: z.string().transform(Number) });
    const table = tableWith((_, given) => void seen.push(given), { payload, roles: ["player"] });
    table.refuses("forbidden", gm, "act", { n: 5 });
    table.refuses("conflict", kim, "act", { n: 5 }, { "shared/none": 3 });
    const refused = table.refuses("bad_request", kim, "act", { n: 5 });
    assert.match(refused.message, /^n: /);
    assert.deepEqual(seen, []);
    table.do(kim, "act", { n: "7" });
    assert.deepEqual(seen, [{ n: 7 }]);
  });

  it("[A45] answers internal to an asynchronous or a throwing schema", async () => {
    const schema = (validate: StandardSchema["~standard"]["validate"]): StandardSchema => ({
      "~standard": { version: 1, vendor: "test", validate },
    });
    const faulty = [
      schema(async (value) => ({ value })),
      schema(async () => {
        throw new Error("unheard");
      }),
      schema(() => {
        throw new Error("broken");
      }),
      z.string().refine(async () => true),
    ];
    for (const payload of faulty) tableWith(() => 1, { payload }).refuses("internal", kim, "act", "x");
    assert.deepEqual(await unheard(), []);
  });

  it("[A41] is for its roles, GMs not let past", () => {
    const table = tableWith(() => 1, { roles: ["spectator"] });
    table.do(watcher, "act", null);
    table.refuses("forbidden", kim, "act", null);
    table.refuses("forbidden", gm, "act", null);
    const ops = [{ action: "act", payload: null }];
    table.do(watcher, "batch", { ops });
    assert.equal(table.refuses("forbidden", kim, "batch", { ops }).op, 0);
  });

  it("[A41] is for its statuses, live where none are named; GMs may in all three", () => {
    const allowed = (statuses?: ActionDefinition["statuses"]) => {
      const table = tableWith(() => 1, { statuses });
      return (["created", "live", "paused"] as const).map((status) => {
        table.status = status;
        table.do(gm, "act", null);
        const outcome = table.try(kim, "act", null);
        return "code" in outcome ? outcome.code : "ok";
      });
    };
    assert.deepEqual(allowed(), ["session_not_live", "ok", "session_paused"]);
    assert.deepEqual(allowed(["created", "paused"]), ["ok", "session_not_live", "ok"]);
    assert.deepEqual(allowed([]), ["session_not_live", "session_not_live", "session_paused"]);
    const table = tableWith(() => 1, { statuses: ["created", "live", "paused"] });
    table.status = "ended";
    table.refuses("session_ended", gm, "act", null);
  });

  it("[A46] has a result of at most 1 KiB of JSON text, or none", () => {
    let result: unknown;
    const table = tableWith((ctx) => {
      ctx.set("shared/a", 1);
      return result;
    });
    result = "é".repeat(511);
    assert.equal(table.do(kim, "act", null).result, JSON.stringify(result));
    result = `${"é".repeat(511)}x`;
    table.refuses("limit_exceeded", kim, "act", null);
    result = undefined;
    assert.ok(!("result" in table.do(kim, "act", null)));
    result = null;
    assert.equal(table.do(kim, "act", null).result, "null");
    result = { code: "x", retryable: true, none: undefined };
    assert.equal(table.do(kim, "act", null).result, '{"code":"x","retryable":true}');
  });

  it("[A47] cannot use its context after it has run", () => {
    let kept: ActionContext | undefined;
    const table = tableWith((ctx) => {
      kept = ctx;
    });
    table.do(kim, "act", null);
    const late = kept!;
    assert.throws(() => late.set("shared/a", 1), /ended/);
    assert.throws(() => late.delete("shared/a"), /ended/);
    assert.throws(() => late.get("shared/a"), /ended/);
    assert.deepEqual(table.texts, {});
  });

  it("[A40] refuses at start a name that is taken, and what is no definition", () => {
    const good = { name: "act", payload: anything, roles: ["gm"], run: () => 1 };
    const bad: unknown[] = [
      null,
      "act",
      [],
      {},
      { ...good, name: "" },
      { ...good, name: 5 },
      { ...good, name: "x".repeat(65) },
    ];
    for (const name of ["set", "merge", "delete", "increment", "append", "move", "batch"]) bad.push({ ...good, name });
    bad.push(
      { ...good, payload: {} },
      { ...good, payload: undefined },
      { ...good, roles: undefined },
      { ...good, roles: ["dm"] },
    );
    bad.push({ ...good, statuses: ["ended"] }, { ...good, statuses: "live" }, { ...good, run: "x" });
    for (const one of bad) {
      assert.throws(() => actionRegistry([one as ActionDefinition]), BadActionDefinition, JSON.stringify(one));
    }
    assert.throws(() => actionRegistry([good, good] as ActionDefinition[]), /"act" already/);
    assert.ok(actionRegistry([good as ActionDefinition]).has("act"));
  });
});
