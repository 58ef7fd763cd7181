import assert from "node:assert/strict";
import { actions } from "../../examples/actions/dice.ts";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import type { Json } from "../../src/core/json.ts";
import { Deciding, gm, kim, lee, watcher } from "../support/deciding.ts";

/** Dice of our choice: each roll takes the next of these pips. */
function table(sides: number, ...pips: number[]): Deciding {
  const at = new Deciding(actionRegistry(actions));
  Object.defineProperty(at, "random", { get: () => (pips.shift()! - 1) / sides });
  return at;
}

const list = (at: Deciding) => JSON.parse(at.texts["table/rolls"] ?? "[]");
const resultOf = (decision: { result?: string }) => JSON.parse(decision.result ?? "null");

describe("the dice example", () => {
  it("[M1] rolls what was asked for, tells the sender, and shows it to all", () => {
    const at = table(6, 3, 6);
    const rolled = resultOf(at.do(kim, "roll", { dice: "2d6+1" }));
    assert.deepEqual(rolled, { n: 1, dice: "2d6+1", rolled: [3, 6], total: 10 });
    assert.deepEqual(list(at), [{ n: 1, by: "kim", dice: "2d6+1", rolled: [3, 6], total: 10, at: 1_000 }]);
    assert.deepEqual(Object.keys(at.texts), ["table/rolls"]);
    assert.equal(at.stamp("table/rolls"), "kim@1");
  });

  it("[M1] reads dice as people write them", () => {
    for (const [text, sides, pips, written, total] of [
      ["d20", 20, [20], "1d20", 20],
      ["1D4", 4, [1], "1d4", 1],
      [" 2 d 6 - 3 ", 6, [1, 1], "2d6-3", -1],
      ["1d1000+9999", 1_000, [1_000], "1d1000+9999", 10_999],
      ["3d8+0", 8, [8, 7, 1], "3d8", 16],
    ] as const) {
      const result = resultOf(table(sides, ...pips).do(kim, "roll", { dice: text }));
      assert.deepEqual([result.dice, result.rolled, result.total], [written, [...pips], total], text);
    }
  });

  it("[M1] covers every side and no other, whatever the random number", () => {
    const at = new Deciding(actionRegistry(actions));
    for (const [random, pips] of [
      [0, 1],
      [0.1666, 1],
      [0.1667, 2],
      [0.999999999, 6],
    ] as const) {
      at.random = random;
      assert.deepEqual(resultOf(at.do(gm, "roll", { dice: "2d6" })).rolled, [pips, pips]);
    }
  });

  it("[M2] refuses what are no dice, and rolls nothing", () => {
    const at = table(6);
    const wrong: Json[] = [
      "",
      "6",
      "2d",
      "0d6",
      "21d6",
      "2d1",
      "2d1001",
      "2d6+",
      "2d6+1d4",
      "-1d6",
      "2d6+12345",
      7,
      null,
    ];
    for (const dice of wrong) assert.match(at.refuses("bad_request", kim, "roll", { dice }).message, /dice/, `${dice}`);
    at.refuses("bad_request", kim, "roll", { dice: "2d6", secretly: true });
    at.refuses("bad_request", kim, "roll", {});
    assert.deepEqual(at.texts, {});
    assert.deepEqual(at.faults, []);
  });

  it("[M3] is for GMs and players, in play; for GMs before and in a pause too", () => {
    const at = table(6, 1, 2, 3);
    at.refuses("forbidden", watcher, "roll", { dice: "d6" });
    at.status = "created";
    at.refuses("session_not_live", kim, "roll", { dice: "d6" });
    at.do(gm, "roll", { dice: "d6" });
    at.status = "paused";
    at.refuses("session_paused", kim, "roll", { dice: "d6" });
    at.do(gm, "roll", { dice: "d6" });
    at.status = "ended";
    at.refuses("session_ended", gm, "roll", { dice: "d6" });
  });

  it("[M4] keeps the newest 20 and counts on, and the largest 20 fit in an entry", () => {
    const at = new Deciding(actionRegistry(actions));
    const long = { ...kim, userId: "\u{1F3B2}".repeat(32) };
    for (let n = 1; n <= 25; n++) at.do(long, "roll", { dice: "20d1000+9999" });
    const kept = list(at);
    assert.deepEqual(
      kept.map(({ n }: { n: number }) => n),
      Array.from({ length: 20 }, (_, i) => i + 6),
    );
    assert.ok(Buffer.byteLength(at.texts["table/rolls"]!) < 8 * 1024);
  });

  it("[M4] goes on counting after the GM cleared the list, from 1, and leaves what is no list of rolls alone", () => {
    const at = table(6, 1, 2, 3);
    at.do(kim, "roll", { dice: "d6" });
    at.do(gm, "delete", { path: "table/rolls" });
    assert.equal(resultOf(at.do(lee, "roll", { dice: "d6" })).n, 1);
    for (const other of ["no rolls today", [1, 2], { below: 1 }]) {
      at.do(gm, "set", { path: "table/rolls", value: other });
      const before = at.texts;
      at.refuses("path_conflict", kim, "roll", { dice: "d6" });
      assert.deepEqual(at.texts, before);
    }
    at.refuses("forbidden", kim, "set", { path: "table/rolls", value: [] });
  });

  it("[M5] rolls in a batch, each on the list as the one before left it; a refusal undoes them all", () => {
    const at = table(6, 1, 2, 3, 4);
    const roll = { action: "roll", payload: { dice: "d6" } };
    at.do(kim, "batch", { ops: [roll, { action: "increment", payload: { path: "shared/rolls", by: 1 } }, roll] });
    assert.deepEqual(
      list(at).map(({ n, total }: { n: number; total: number }) => [n, total]),
      [
        [1, 1],
        [2, 2],
      ],
    );
    const before = at.texts;
    const refused = at.refuses("bad_request", kim, "batch", {
      ops: [roll, { action: "roll", payload: { dice: "d" } }],
    });
    assert.equal(refused.op, 1);
    assert.deepEqual(at.texts, before);
  });
});
