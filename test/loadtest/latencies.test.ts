import assert from "node:assert/strict";
import fc from "fast-check";
import { Latencies } from "../../loadtest/latencies.ts";

const durations = fc.array(fc.double({ min: 0.02, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });

function counted(ms: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const one of ms) latencies.record(one);
  return latencies;
}

describe("latencies of a load test", () => {
  it("[Q1] tells every percentile at most 1 % too high, and never too low", () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 100 }), (ms, percent) => {
        const sorted = ms.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil((percent / 100) * ms.length)) - 1] as number;
        const told = counted(ms).percentile(percent);
        assert.ok(
          told >= exact * (1 - 1e-9) && told <= exact * (1.01 + 1e-9),
          `${percent} %: ${told}, exactly ${exact}`,
        );
      }),
    );
  });

  it("[Q1] adds up to what one count of everything gives", () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        const together = counted(one);
        together.add(counted(other).data());
        assert.deepEqual(together.data(), counted([...one, ...other]).data());
        assert.deepEqual(Latencies.from(together.data()).summary(), together.summary());
      }),
    );
  });

  it("[Q1] tells what came between two looks", () => {
    fc.assert(
      fc.property(durations, durations, (earlier, later) => {
        const latencies = counted(earlier);
        const before = latencies.data();
        for (const ms of later) latencies.record(ms);
        assert.deepEqual(Latencies.between(before, latencies.data()).buckets, counted(later).data().buckets);
      }),
    );
  });

  it("[Q1] is 0 of nothing, and of nothing again after a reset", () => {
    const nothing = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    const latencies = counted([3, 4]);
    latencies.reset();
    assert.deepEqual(new Latencies().summary(), nothing);
    assert.deepEqual(latencies.summary(), nothing);
  });

  it("[Q1] keeps the longest exactly", () => {
    assert.equal(counted([1, 7.123456, 2]).summary().max, 7.123456);
  });
});
