import assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../../clients/js/src/json.ts";
import { predict } from "../../clients/js/src/prediction.ts";
import { valueAt } from "../../clients/js/src/subtree.ts";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { parseCommand } from "../../src/core/command.ts";
import { decide } from "../../src/core/decide.ts";
import { EntryTree } from "../../src/core/entries.ts";
import { isRefusal } from "../../src/core/refusal.ts";
import { FakeState, refuse } from "./fakeRoom.ts";
import { openTable } from "./fakeTable.ts";
import { settle } from "./handCranked.ts";

const registry = actionRegistry();
const gm = { userId: "gm", name: "gm", role: "gm", via: "member" } as const;

/** The server's own rules: the texts after each command, refused ones leaving no trace. */
function decidedBy(commands: readonly { action: string; payload: Json }[]): Map<string, string> {
  const entries = new EntryTree();
  let seq = 0;
  for (const { action, payload } of commands) {
    const command = parseCommand({ id: "x", action, payload });
    if (isRefusal(command)) continue;
    const state = { entries, status: "live", seq } as const;
    const decision = decide(state, gm, command, registry, { now: 0, random: () => 0 });
    if (isRefusal(decision)) continue;
    seq++;
    for (const change of decision.changes) {
      const [path, text] = change as unknown as [string, string | null];
      if (text === null) entries.remove(path);
      else entries.put(path, { value: text, version: seq, by: "gm" });
    }
  }
  return new Map([...entries].map(([path, entry]) => [path, entry.value]));
}

const segment = fc.constantFrom("a", "b", "__proto__");
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `shared/${segments.join("/")}`);
const leaf: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(null, 1, 2.5, "x", true, [1], []);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.dictionary(segment, tie("tree"), { maxKeys: 2, noNullPrototype: true }),
  ) as fc.Arbitrary<Json>,
}));
const object = fc.dictionary(segment, tree, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<Json>;
const simple = fc.oneof(
  fc.record({ action: fc.constant("set"), payload: fc.record({ path, value: tree }) }),
  fc.record({ action: fc.constant("merge"), payload: fc.record({ path, value: object }) }),
  fc.record({ action: fc.constant("delete"), payload: fc.record({ path }) }),
  fc.record({ action: fc.constant("increment"), payload: fc.record({ path, by: fc.constantFrom(1, -2.5, 1e308) }) }),
  fc.record({
    action: fc.constant("append"),
    payload: fc.record(
      { path, values: fc.array(leaf, { maxLength: 3 }), max: fc.constantFrom(1, 2, 0, 1.5) },
      { requiredKeys: ["path", "values"] },
    ),
  }),
  fc.record({ action: fc.constant("move"), payload: fc.record({ from: path, to: path }) }),
) as fc.Arbitrary<{ action: string; payload: Json }>;
const command = fc.oneof(
  { weight: 4, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc
      .array(simple, { maxLength: 4 })
      .map((ops) => ({ action: "batch", payload: { ops } as unknown as Json })),
  },
);

describe("js client: the optimistic view", () => {
  it("[B14] predicts of every row of built-in actions what the server's own rules make of it", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), fc.nat(12), (commands, split) => {
        const base = decidedBy(commands.slice(0, split));
        const layer = predict({ get: (at) => base.get(at), paths: () => base.keys() }, commands.slice(split));
        const predicted = new Map(base);
        for (const [at, text] of layer) {
          if (text === null) predicted.delete(at);
          else predicted.set(at, text);
        }
        assert.deepEqual(new Map([...predicted].sort()), new Map([...decidedBy(commands)].sort()));
      }),
      { numRuns: 1500 },
    );
  });

  it("[B14] shows a command before it is answered, and the confirmed state does not", async () => {
    const { table, state, door } = await openTable({}, new FakeState().write("shared/hp", 10));
    void table.increment("shared/hp", -3);
    void table.set("shared/torch", { lit: true });
    assert.equal(table.view().get("shared/hp"), 7);
    assert.deepEqual(table.view().get("shared"), { hp: 7, torch: { lit: true } });
    assert.deepEqual(table.get("shared"), { hp: 10 });
    assert.deepEqual(table.view().entry("shared/hp"), { value: "7", version: 1, by: "kim", pending: true });
    assert.equal(table.view().entry("shared/torch/lit")?.version, 0);
    assert.deepEqual([...table.view().entries()].map(([at]) => at).sort(), ["shared/hp", "shared/torch/lit"]);
    await settle();
    door.room.shows(state.write("shared/hp", 7));
    door.room.commands[0]?.resolve({ seq: 2, result: 7 });
    await settle();
    assert.deepEqual(table.view().entry("shared/hp"), { value: "7", version: 2, by: "kim", pending: false });
  });

  it("[B14] a refusal takes it back, and what was built on it is shown on what stands", async () => {
    const { table, door } = await openTable({}, new FakeState().write("shared/hp", 10));
    let shown = 0;
    table.on("view", () => shown++);
    void table.set("shared/hp", 100);
    void table.increment("shared/hp", 1);
    assert.equal(table.view().get("shared/hp"), 101);
    await settle();
    const before = shown;
    refuse(door.room.commands[0]!, "conflict");
    await settle();
    assert.equal(table.view().get("shared/hp"), 11);
    assert.ok(shown > before, "`view` tells it");
  });

  it("[B14] an increment never counts twice between its patch and its answer", async () => {
    const { table, state, door, clock } = await openTable({}, new FakeState().write("shared/hp", 10));
    const seen: (Json | undefined)[] = [];
    table.on("view", () => void seen.push(table.view().get("shared/hp")));
    void table.increment("shared/hp", 1);
    await settle();
    door.room.shows(state.write("shared/hp", 11));
    assert.equal(table.get("shared/hp"), 11, "confirmed");
    assert.equal(table.view().get("shared/hp"), 11, "10 and the command, not 11 and the command");
    door.room.commands[0]?.resolve({ seq: 2 });
    await settle();
    await clock.turn(1000);
    assert.deepEqual([...new Set(seen)], [11]);
  });

  it("[B14] somebody else's patch while a command is under way is shown within 25 ms", async () => {
    const { table, state, door, clock } = await openTable();
    void table.set("shared/a", 1);
    await settle();
    door.room.shows(state.write("shared/b", 5, "ana"));
    await clock.turn(24);
    assert.equal(table.view().get("shared/b"), undefined);
    await clock.turn(1);
    assert.equal(table.view().get("shared/b"), 5);
    assert.equal(table.view().get("shared/a"), 1);
  });

  it("[B14] with nothing under way a patch is shown at once", async () => {
    const { table, state, door } = await openTable();
    door.room.shows(state.write("shared/b", 5, "ana"));
    assert.equal(table.view().get("shared/b"), 5);
  });

  it("[B14] a command that was committed just before a loss does not count twice after it", async () => {
    const { table, door, clock } = await openTable({}, new FakeState().write("shared/hp", 10));
    const seen: (Json | undefined)[] = [];
    table.on("view", () => void seen.push(table.view().get("shared/hp")));
    void table.increment("shared/hp", 1);
    await settle();
    door.room.closes(1006);
    await clock.turn(500);
    door.room.shows(new FakeState().write("shared/hp", 10).write("shared/hp", 11));
    await settle();
    assert.equal(table.view().get("shared/hp"), 11);
    door.room.commands[0]?.resolve({ seq: 2, duplicate: true });
    await settle();
    await clock.turn(2000);
    assert.equal(table.view().get("shared/hp"), 11);
    assert.deepEqual([...new Set(seen)], [11]);
  });

  it("[B14] hidden entries are seen like the others; without `optimistic` the view is the confirmed state", async () => {
    const state = new FakeState().write("shared/a", 1);
    state.hidden.set("private/kim/note", { value: '"psst"', version: 1, by: "gm" });
    const { table } = await openTable({ optimistic: false }, state);
    void table.set("shared/a", 2);
    await settle();
    assert.equal(table.view().get("shared/a"), 1);
    assert.equal(table.view().get("private/kim/note"), "psst");
    assert.equal(table.get("private/kim/note"), "psst");
    assert.deepEqual(
      [...table.view().entries()].map(([at]) => at),
      ["shared/a", "private/kim/note"],
    );
  });

  it("[B15] a path gives its value, a subtree an object again, nothing undefined; `__proto__` is a key like any", () => {
    const texts = new Map([
      ["shared/a/b", "1"],
      ["shared/a/c/d", "[2]"],
      ["shared/a/__proto__/x", '"y"'],
      ["shared/ab", "null"],
    ]);
    const read = { get: (at: string) => texts.get(at), paths: () => texts.keys() };
    const value = valueAt(read, "shared/a");
    assert.equal(JSON.stringify(value), '{"b":1,"c":{"d":[2]},"__proto__":{"x":"y"}}');
    assert.equal(valueAt(read, "shared/ab"), null);
    assert.equal(valueAt(read, "shared/a/c/x"), undefined);
    assert.equal(({} as { x?: string }).x, undefined);
  });
});
