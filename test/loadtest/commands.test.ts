import assert from "node:assert/strict";
import fc from "fast-check";
import { COUNTER_PATH, chooseAction, command, stamp, stampedAt, stampPath } from "../../loadtest/commands.ts";
import { poissonGapMs, seededRandom } from "../../loadtest/random.ts";

const ROLLS = 20_000;

describe("commands of a load test", () => {
  it("[Q2] come from the same numbers with the same seed, and from others with another", () => {
    const numbers = (seed: number) => Array.from({ length: 20 }, seededRandom(seed));
    assert.deepEqual(numbers(7), numbers(7));
    assert.notDeepEqual(numbers(7), numbers(8));
    assert.ok(numbers(7).every((number) => number >= 0 && number < 1));
  });

  it("[Q2] come as often as their weights say", () => {
    const random = seededRandom(1);
    const counts = { set: 0, increment: 0, append: 0 };
    for (let n = 0; n < ROLLS; n++) counts[chooseAction({ set: 6, increment: 3, append: 1 }, random())]++;
    assert.ok(Math.abs(counts.set / ROLLS - 0.6) < 0.02, `set: ${counts.set}`);
    assert.ok(Math.abs(counts.append / ROLLS - 0.1) < 0.02, `append: ${counts.append}`);
  });

  it("[Q2] never come where their weight is 0", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (roll) => {
        assert.equal(chooseAction({ set: 0, increment: 1, append: 0 }, roll), "increment");
        assert.equal(chooseAction({ set: 0, increment: 0, append: 2 }, roll), "append");
      }),
    );
  });

  it("[Q2] come at the rate asked for, on average", () => {
    const random = seededRandom(3);
    let sumMs = 0;
    for (let n = 0; n < ROLLS; n++) sumMs += poissonGapMs(random, 5);
    assert.ok(Math.abs(sumMs / ROLLS - 200) < 6, `${sumMs / ROLLS} ms between two`);
  });

  it("[Q3] tell when they were sent", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e12, max: 2e12, noNaN: true }), fc.nat(2000), (sentAtMs, padBytes) => {
        const told = stampedAt(JSON.stringify(stamp(sentAtMs, padBytes)));
        assert.ok(Math.abs(told - sentAtMs) <= 0.001, `${told} for ${sentAtMs}`);
      }),
    );
  });

  it("[Q3] tell no time where there is none", () => {
    for (const value of ["3", "[1]", '"handout"', "null"]) assert.ok(Number.isNaN(stampedAt(value)), value);
  });

  it("[Q3] write to one place per player, and count in one place for all", () => {
    assert.deepEqual(command("a", "set", "kim", 1000, 2).payload, { path: stampPath("kim"), value: "1000.000|xx" });
    assert.deepEqual(command("b", "increment", "kim", 1000, 2).payload, { path: COUNTER_PATH, by: 1 });
  });
});
