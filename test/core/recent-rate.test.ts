import assert from "node:assert/strict";
import { RecentRate } from "../../src/core/recent-rate.ts";

describe("a rate over the last 10 s", () => {
  it("[H117] is what came in that time, per second, and nothing from before", () => {
    const rate = new RecentRate(0);
    assert.equal(rate.perSecond(0), 0);
    rate.add(5, 100);
    assert.equal(rate.perSecond(200), 5, "no shorter time than a second counts");
    rate.add(5, 1_900);
    assert.equal(rate.perSecond(2_000), 5);
    for (let at = 2_000; at < 60_000; at += 100) rate.add(2, at);
    assert.ok(Math.abs(rate.perSecond(59_999) - 20) < 0.5, `${rate.perSecond(59_999)}`);
    assert.equal(rate.perSecond(75_000), 0);
    rate.add(9, 100_500);
    assert.equal(rate.perSecond(100_500), 9 / 9.5);
    assert.equal(rate.perSecond(109_999), 9 / 9.999);
    assert.equal(rate.perSecond(110_000), 0);
  });
});
