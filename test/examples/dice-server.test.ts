import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

const DICE = fileURLToPath(new URL("../../examples/actions/dice.ts", import.meta.url));
const FAULTY = fileURLToPath(new URL("../support/faulty-dice.ts", import.meta.url));

interface Rolled {
  readonly n: number;
  readonly dice: string;
  readonly rolled: readonly number[];
  readonly total: number;
}

describe("an actions module on a server", function () {
  this.timeout(30_000);
  let server: ServerProcess | undefined;
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
  });

  async function sit(actionsModule: string, isLive: boolean) {
    server = await ServerProcess.start({ env: { ACTIONS_MODULE: actionsModule } });
    const evening = await Evening.prepare(server, { members: { kim: "player", sam: "spectator" }, isLive });
    const gm = await evening.gm.join(evening.sessionId);
    const kim = await evening.person("kim").join(evening.sessionId);
    const sam = await evening.person("sam").join(evening.sessionId);
    return { server, evening, gm, kim, sam };
  }

  const rollsAt = (seat: Seat) => (seat.value("table/rolls") ?? []) as (Rolled & { by: string; at: number })[];

  it("[M6] rolls for those who may, tells the sender, and shows all the same list", async () => {
    const { evening, gm, kim, sam } = await sit(DICE, false);
    assert.equal((await kim.refused("roll", { dice: "d6" })).code, "session_not_live");
    assert.equal(((await gm.command("roll", { dice: "d6" })).result as Rolled).n, 1);
    await evening.step("start");
    const { result, seq } = await kim.command("roll", { dice: "3d6 + 2" });
    const { n, dice, rolled, total } = result as Rolled;
    assert.deepEqual([n, dice, rolled.length], [2, "3d6+2", 3]);
    assert.ok(rolled.every((pips) => Number.isInteger(pips) && pips >= 1 && pips <= 6));
    assert.equal(
      total,
      rolled.reduce((sum, pips) => sum + pips, 2),
    );
    for (const seat of [gm, kim, sam]) {
      await seat.caughtUp(seq);
      const newest = rollsAt(seat).at(-1);
      assert.deepEqual({ ...newest, at: 0 }, { n, by: "kim", dice, rolled, total, at: 0 });
      assert.ok(Math.abs((newest?.at ?? 0) - Date.now()) < 60_000);
    }
    assert.equal((await sam.refused("roll", { dice: "d6" })).code, "forbidden");
    assert.equal((await kim.refused("roll", { dice: "much" })).code, "bad_request");
    assert.equal((await kim.refused("set", { path: "table/rolls", value: [] })).code, "forbidden");

    const many = await kim.command("batch", {
      ops: [
        { action: "roll", payload: { dice: "d20" } },
        { action: "set", payload: { path: "shared/attack", value: true } },
        { action: "roll", payload: { dice: "2d8" } },
      ],
    });
    await gm.caughtUp(many.seq);
    assert.deepEqual(
      rollsAt(gm).map((one) => [one.n, one.dice]),
      [
        [1, "1d6"],
        [2, "3d6+2"],
        [3, "1d20"],
        [4, "2d8"],
      ],
    );
    const lost = await kim.refused("batch", {
      ops: [
        { action: "roll", payload: { dice: "d20" } },
        { action: "set", payload: { path: "gm/x", value: 1 } },
      ],
    });
    assert.deepEqual([lost.code, lost.op], ["forbidden", 1]);
    await evening.step("pause");
    assert.equal((await kim.refused("roll", { dice: "d6" })).code, "session_paused");
    assert.equal(((await gm.command("roll", { dice: "d6" })).result as Rolled).n, 5);
  });

  it("[M6] has rolled what it said, after a kill, and the same roll sent again is the same", async () => {
    const { server, evening, kim } = await sit(DICE, true);
    const first = await kim.command("roll", { dice: "20d1000" }, { id: "my roll" });
    await server.kill();
    await server.start();
    const back = await evening.person("kim").join(evening.sessionId);
    const again = await back.command("roll", { dice: "20d1000" }, { id: "my roll" });
    assert.deepEqual(again, { ...first, duplicate: true });
    assert.deepEqual(
      rollsAt(back).map(({ rolled }) => rolled),
      [(first.result as Rolled).rolled],
    );
  });

  it("[M7] answers `internal` to what a module does wrong, undoes it, logs it without its words, and lives", async () => {
    const { server, gm, kim } = await sit(FAULTY, true);
    const { pid } = server;
    const thrown = await kim.refused("throw", { said: "a canary in what was thrown" });
    assert.equal(thrown.code, "internal");
    assert.ok(!JSON.stringify(thrown).includes("canary"));
    assert.equal((await kim.refused("reject", {})).code, "internal");
    await kim.command("write-late", {});
    const inBatch = await kim.refused("batch", {
      ops: [
        { action: "roll", payload: { dice: "d6" } },
        { action: "throw", payload: { said: "a canary in a batch" } },
      ],
    });
    assert.deepEqual([inBatch.code, inBatch.op], ["internal", 1]);
    // what was written late throws in a timer: told in the log, and nobody's evening ends
    await eventually("the late write in the log", () => server.log.includes("uncaught exception"));
    const { seq } = await kim.command("roll", { dice: "d6" });
    await gm.caughtUp(seq);
    assert.deepEqual([...gm.state.entries.keys()], ["table/rolls"]);
    assert.equal(rollsAt(gm).length, 1);
    assert.equal(server.pid, pid);
    assert.match(server.log, /"action":"throw","error":"Error".*"action threw"/);
    assert.ok(!server.log.includes("canary"), "what a module throws may quote content");
  });

  it("[A40] does not start with a module that cannot be loaded or exports no actions", async () => {
    for (const [name, says] of [
      ["./there-is-no-such-module.ts", /there-is-no-such-module/],
      [fileURLToPath(new URL("../support/ports.ts", import.meta.url)), /no array `actions`/],
    ] as const) {
      await assert.rejects(ServerProcess.start({ env: { ACTIONS_MODULE: name } }), says);
    }
  });
});
