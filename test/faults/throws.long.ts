import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { decide } from "../../src/core/decide.ts";
import { EntryTree } from "../../src/core/entries.ts";
import { digestOf } from "../support/digest.ts";
import { Evening } from "../support/evening.ts";
import { pause } from "../support/eventually.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import type { EntryView } from "../support/table.ts";
import { actions, faulty, immoderate } from "./throwing-actions.ts";

describe("actions that go wrong", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let pid: number;
  let evening: Evening;
  let ana: Seat;
  let gm: Seat;
  let bystander: Seat;

  before(async () => {
    server = await ServerProcess.start({
      env: { ACTIONS_MODULE: fileURLToPath(new URL("throwing-actions.ts", import.meta.url)), RATE_COMMANDS: "0" },
    });
    pid = server.pid;
    evening = await Evening.prepare(server, { members: { ana: "player" } });
    gm = await evening.gm.join(evening.sessionId);
    ana = await evening.person("ana").join(evening.sessionId);
    const other = await Evening.prepare(server, { members: { zoe: "player" } });
    bystander = await other.person("zoe").join(other.sessionId);
    await ana.command("set", { path: "shared/kept", value: "kept" });
  });

  /** Head and committed, the GM's copy and the player's are one, and both sessions go on. */
  afterEach(async () => {
    assert.equal(server.isRunning && server.pid, pid, `the process ended:\n${server.log.slice(-3_000)}`);
    await bystander.command("increment", { path: "shared/alive", by: 1 });
    const { seq } = await ana.command("increment", { path: "shared/alive", by: 1 });
    await gm.caughtUp(seq);
    const { entries } = await evening.gm.get<{ entries: Record<string, EntryView> }>("GET", `${evening.path}/state`);
    const stored = digestOf(Object.entries(entries).map(([path, entry]) => ({ path, ...entry })));
    assert.deepEqual([gm.digest(), ana.digest()], [stored, stored]);
    assert.equal(ana.value("shared/kept"), "kept");
    assert.ok(!server.log.includes("secret of the module"));
    assert.deepEqual([ana.closing, gm.closing, bystander.closing], [null, null, null]);
  });

  after(async () => await server?.dispose());

  for (const { name } of faulty) {
    it(`[X11] an action that ${name} is internal, says nothing of why, and undoes the whole command`, async () => {
      const { seq } = ana.state;
      for (const action of [
        { action: name, payload: 1 },
        { action: "batch", payload: batchWith(name) },
      ]) {
        const refusal = await ana.refused(action.action, action.payload);
        assert.equal(refusal.code, "internal");
        assert.equal(refusal.message, "The action failed.");
      }
      assert.equal(ana.state.seq, seq);
      for (const path of ["shared/written", "shared/w", "shared/first"]) assert.equal(ana.entry(path), undefined, path);
    });
  }

  for (const { name } of immoderate) {
    it(`[X11] an action that ${name} is limit_exceeded, and undoes the whole command`, async () => {
      assert.equal((await ana.refused(name, 1)).code, "limit_exceeded");
      assert.equal((await ana.refused("batch", batchWith(name))).code, "limit_exceeded");
      assert.equal(ana.entry("shared/first"), undefined);
    });
  }

  for (const name of ["throws later", "writes later"]) {
    it(`[X11] an action that ${name} harms nobody`, async () => {
      await ana.command(name, 1);
      await pause(60);
      assert.equal(ana.entry("shared/late"), undefined);
    });
  }

  it("[X11] after all that, a fresh start from the log has the same entries", async () => {
    const before = await evening.gm.get("GET", `${evening.path}/state`);
    await server.kill();
    await server.start();
    pid = server.pid;
    assert.deepEqual((await evening.gm.get("GET", `${evening.path}/state`)).entries, before.entries);
    ana = await evening.person("ana").join(evening.sessionId);
    gm = await evening.gm.join(evening.sessionId);
    bystander = ana;
  });

  function batchWith(name: string): object {
    const set = { action: "set", payload: { path: "shared/first", value: 1 } };
    return { ops: [set, { action: name, payload: 1 }] };
  }
});

describe("a stack that ends in the middle of a write", () => {
  const registry = actionRegistry(actions);
  const actor = { userId: "ana", name: "Ana", role: "player", via: "member" } as const;
  const context = { now: 0, random: () => 0 };

  for (const action of ["overflows, and throws", "catches its own stack overflow"]) {
    it(`[X11] leaves no half of it, when an action ${action}`, () => {
      const entries = new EntryTree();
      const standing = { value: "1", version: 1, by: "gm" };
      entries.put("shared/deep/a1/b1/c1", standing);
      let halves = 0;
      for (let framesLeft = 0; framesLeft < 400; framesLeft++) {
        const command = { id: "x", action, payload: framesLeft, expect: new Map<string, number>() };
        const decision = decide({ entries, status: "live", seq: 1 }, actor, command, registry, context);
        const whole = framesLeft % 2 === 0 ? [["shared/deep/a2/b2/c2", "2"]] : [["shared/deep/a1/b1/c1", null]];
        if ("changes" in decision && decision.changes.length > 0) assert.deepEqual(decision.changes, whole);
        else halves += 1;
        assert.deepEqual([...entries], [["shared/deep/a1/b1/c1", standing]], `${framesLeft} frames before the end`);
        assert.equal(entries.bytes, "shared/deep/a1/b1/c11".length, `${framesLeft} frames before the end`);
        assert.deepEqual([...entries.below("shared")].length, 1);
        entries.remove("shared/deep/a1/b1/c1");
        assert.equal(entries.hasBelow("shared"), false, `${framesLeft} frames before the end`);
        entries.put("shared/deep/a1/b1/c1", standing);
      }
      assert.ok(halves > 0, "the stack did end");
    });
  }
});
