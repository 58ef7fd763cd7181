import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCommand } from "../../src/core/command.ts";
import type { Json } from "../../src/core/json.ts";
import { isRefusal } from "../../src/core/refusal.ts";
import { Deciding, gm, kim, lee, watcher } from "../support/deciding.ts";
import { No, PlainTable } from "./plain-table.ts";

// Few names, so that paths meet; some that trip up maps made of objects; now and then one that is no segment.
const name = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom("a", "b", "__proto__") },
  { weight: 1, arbitrary: fc.constantFrom("constructor", "ö", "o\u0308", "..", "") },
);
const top = fc.oneof(
  { weight: 24, arbitrary: fc.constant("shared") },
  { weight: 3, arbitrary: fc.constantFrom("gm", "table", "players/kim", "private/kim", "private/lee") },
  { weight: 1, arbitrary: fc.constantFrom("other", "shared/a/a/a/a/a") },
);
const path = fc
  .tuple(top, fc.array(name, { minLength: 1, maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest].join("/"));

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(0, -0, 1, 2.5, 1e308, "", "x", null, true),
  fc.array(fc.constantFrom<Json>(1, "y", null, { "a/b": 1 }), { maxLength: 3 }),
);
const { value, branch } = fc.letrec<{ value: Json; branch: Record<string, Json> }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, leaf, tie("branch")),
  branch: fc
    .array(fc.tuple(name, tie("value")), { maxLength: 3 })
    .map((pairs) => Object.fromEntries(pairs.map(([key, inner]) => [key === "" ? "c" : key, inner]))),
}));

const single = fc.oneof(
  fc.record({ action: fc.constant("set"), payload: fc.record({ path, value }) }),
  fc.record({ action: fc.constant("merge"), payload: fc.record({ path, value: branch }) }),
  fc.record({ action: fc.constant("delete"), payload: fc.record({ path }) }),
  fc.record({
    action: fc.constant("increment"),
    payload: fc.record({ path, by: fc.constantFrom(1, -1, 0.5, -0, 1e308) }),
  }),
  fc.record({
    action: fc.constant("append"),
    payload: fc.record(
      { path, values: fc.array(leaf, { maxLength: 3 }), max: fc.integer({ min: 1, max: 4 }) },
      { requiredKeys: ["path", "values"] },
    ),
  }),
  fc.record({ action: fc.constant("move"), payload: fc.record({ from: path, to: path }) }),
);
const batch = fc.record({
  action: fc.constant("batch"),
  payload: fc.record({ ops: fc.array(single, { maxLength: 4 }) }),
});
// An expectation of `true` is the version as it stands, so that some hold.
const version: fc.Arbitrary<number | true> = fc.oneof(fc.constant<true>(true), fc.nat(6));
const expectations: fc.Arbitrary<[string, number | true][]> = fc.array(fc.tuple(path, version), { maxLength: 2 });
const command = fc.record({
  who: fc.oneof(
    { weight: 6, arbitrary: fc.constant(gm) },
    { weight: 3, arbitrary: fc.constant(kim) },
    fc.constantFrom(lee, watcher),
  ),
  asked: fc.oneof({ weight: 3, arbitrary: single }, { weight: 1, arbitrary: batch }),
  expect: fc.oneof(
    { weight: 4, arbitrary: fc.constant<[string, number | true][]>([]) },
    { weight: 1, arbitrary: expectations },
  ),
});

describe("actions, whatever they are", () => {
  it("[A3] [A6] [A7] [A8] [A10] [A12] [A20] [A21] [A22] [A23] [A24] [A25] [A26] [A27] decide as the plain table does", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 25 }), (commands) => {
        const table = new Deciding();
        const plain = new PlainTable();
        for (const { who, asked, expect } of commands) {
          const versions = Object.fromEntries(
            expect.map(([at, version]) => [at, version === true ? (table.entries.get(at)?.version ?? 0) : version]),
          );
          const decision = table.try(who, asked.action, asked.payload as Json, versions);
          let outcome = "ok";
          try {
            const result = plain.run({ who, ...asked, expect: versions });
            assert.ok(!isRefusal(decision), `refused: ${JSON.stringify(decision)}`);
            assert.equal(decision.result, result);
          } catch (no) {
            if (!(no instanceof No)) throw no;
            outcome = no.code;
            assert.ok(isRefusal(decision), `accepted, and not refused with ${no.code}`);
            assert.deepEqual([decision.code, decision.op], [no.code, no.op]);
          }
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
          const expected = [...plain.entries].map(([at, { value: is, ...stamp }]) => [
            at,
            { value: JSON.stringify(is), ...stamp },
          ]);
          assert.deepEqual(new Map(table.entries), new Map(expected as [string, object][]));
          assert.equal(table.seq, plain.seq);
        }
      }),
      { numRuns: 1200 },
    );
    // A comparison of two tables that refuse everything would say nothing.
    for (const code of [
      "ok",
      "path_conflict",
      "forbidden",
      "invalid_path",
      "conflict",
      "not_found",
      "not_a_number",
      "not_an_array",
    ]) {
      assert.ok((seen.get(code) ?? 0) >= 5, `${code} came ${seen.get(code)} times`);
    }
  });

  it("[A1] [A4] [A6] never throw, and are never `internal`, whatever a client sends", () => {
    const wild = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withTypedArray: true,
        withSparseArray: true,
      }),
      fc.jsonValue(),
      value,
    );
    const field = fc.oneof(path, wild);
    const fields = fc.dictionary(
      fc.constantFrom(
        "path",
        "value",
        "by",
        "values",
        "max",
        "from",
        "to",
        "ops",
        "action",
        "payload",
        "more",
        "__proto__",
      ),
      field,
      { noNullPrototype: false },
    );
    const action = fc.constantFrom("set", "merge", "delete", "increment", "append", "move", "batch", "other");
    const op = fc.record({ action, payload: fc.oneof(fields, wild) });
    const message = fc.record({
      id: fc.oneof(fc.constant("1"), wild),
      action: fc.oneof({ weight: 9, arbitrary: action }, { weight: 1, arbitrary: wild }),
      payload: fc.oneof(fields, wild, fc.record({ ops: fc.array(fc.oneof(op, wild), { maxLength: 3 }) })),
      expect: fc.oneof(fc.constant(undefined), fc.dictionary(path, fc.nat(3)), wild),
    });
    const table = new Deciding();
    fc.assert(
      fc.property(fc.oneof(message, wild), (sent) => {
        const parsed = parseCommand(sent);
        if (isRefusal(parsed)) {
          assert.ok(parsed.code === "bad_request" || parsed.code === "limit_exceeded");
          return;
        }
        const decision = table.try(gm, parsed.action, parsed.payload, Object.fromEntries(parsed.expect));
        if (isRefusal(decision)) assert.notEqual(decision.code, "internal");
      }),
      { numRuns: 1500 },
    );
  });
});
