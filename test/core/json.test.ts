import assert from "node:assert/strict";
import fc from "fast-check";
import { isJson, withIntegersAsNumbers } from "../../src/core/json.ts";

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

describe("64-bit integers", () => {
  it("[X70] are numbers within ±(2^53 − 1), and stay what JSON cannot say beyond", () => {
    for (const whole of [0n, 1n, -1n, 1_700_000_000_000n, 2n ** 32n, LARGEST, -LARGEST]) {
      assert.equal(withIntegersAsNumbers(whole), Number(whole));
    }
    for (const whole of [LARGEST + 1n, -LARGEST - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n]) {
      assert.equal(withIntegersAsNumbers(whole), whole);
      assert.ok(!isJson(withIntegersAsNumbers({ a: [whole] })));
    }
  });

  it("[X70] are found anywhere, under any key, and nothing else changes", () => {
    const sent = JSON.parse('{"__proto__": [1, {"constructor": "big"}], "a": "big", "b": null}');
    const withBig = (value: unknown) => JSON.parse(JSON.stringify(value), (_, v) => (v === "big" ? 5n : v));
    const expected = JSON.parse(JSON.stringify(sent), (_, v) => (v === "big" ? 5 : v));
    const given = withBig(sent);
    assert.deepEqual(withIntegersAsNumbers(given), expected);
    assert.deepEqual(given, withBig(sent), "what was given is left as it was");
    for (const other of [new Date(0), new Map([[1, 2n]]), Buffer.from("x"), undefined, Number.NaN]) {
      assert.equal(withIntegersAsNumbers(other), other);
    }
  });

  it("[X70] cost nothing where there are none: the very same value comes back", () => {
    const run = fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => withIntegersAsNumbers(value) === value);
    fc.assert(run, { numRuns: 300, verbose: true });
    const nan = [Number.NaN];
    assert.equal(withIntegersAsNumbers(nan), nan);
  });

  it("[X70] that are nested too deep, or in a cycle, end nothing", () => {
    const cyclic: unknown[] = [1n];
    cyclic.push(cyclic);
    assert.ok(!isJson(withIntegersAsNumbers(cyclic)));
    let deep: unknown = 1n;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    assert.ok(!isJson(withIntegersAsNumbers(deep)));
    let allowed: unknown = 1n;
    for (let depth = 0; depth < 64; depth++) allowed = [allowed];
    assert.ok(isJson(withIntegersAsNumbers(allowed)));
  });
});
