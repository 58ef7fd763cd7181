import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../src/core/rate.ts";
import { RateWindow } from "../../src/core/rate-window.ts";
import { TokenBuckets } from "../../src/core/token-buckets.ts";

describe("a rate", () => {
  it("[S16] allows the burst at once, then says when the next is free", () => {
    const bucket = new TokenBucket(30, 60);
    for (let n = 0; n < 60; n++) assert.equal(bucket.take(1000), true, `command ${n}`);
    const retryAfterMs = bucket.take(1000);
    assert.equal(retryAfterMs, 34);
    assert.equal(typeof bucket.take(1033), "number");
    assert.equal(bucket.take(1034), true);
  });

  it("[S16] never holds more than the burst", () => {
    const bucket = new TokenBucket(2, 20);
    for (let n = 0; n < 20; n++) assert.equal(bucket.take(0), true);
    for (let n = 0; n < 20; n++) assert.equal(bucket.take(3_600_000), true);
    assert.equal(bucket.take(3_600_000), 500);
  });

  it("[S16] 0 is no limit", () => {
    const bucket = new TokenBucket(0, 1);
    for (let n = 0; n < 1000; n++) assert.equal(bucket.take(0), true);
    assert.equal(bucket.isFull(0), true);
  });

  it("[S16] takes several at once; more than a burst are had where there is a whole burst, and owed", () => {
    const bucket = new TokenBucket(10, 100);
    assert.equal(bucket.take(0, 60), true);
    assert.equal(bucket.take(0, 60), 2_000);
    assert.equal(bucket.take(2_000, 60), true);
    assert.equal(bucket.take(2_000, 250), 10_000);
    assert.equal(bucket.take(12_000, 250), true);
    assert.equal(bucket.take(12_000), 15_100);
    assert.equal(bucket.take(27_100), true);
    assert.equal(bucket.take(27_100, 0), true, "nothing costs nothing");
  });

  it("[S16] a clock that goes back refills nothing", () => {
    const bucket = new TokenBucket(1, 1);
    assert.equal(bucket.take(10_000), true);
    assert.equal(bucket.take(5_000), 1000);
  });

  it("[S16] is full again when it stands as a new one would", () => {
    const bucket = new TokenBucket(10, 5);
    assert.equal(bucket.take(0), true);
    assert.equal(bucket.isFull(99), false);
    assert.equal(bucket.isFull(100), true);
  });

  it("[S16] keeps to burst + rate × time, and to its word", () => {
    const start = 1_790_000_000_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
        (perSecond, burst, gapsMs) => {
          const bucket = new TokenBucket(perSecond, burst);
          let now = start;
          let taken = 0;
          for (const gapMs of gapsMs) {
            now += gapMs;
            const answer = bucket.take(now);
            if (answer === true) taken += 1;
            else {
              assert.ok(Number.isInteger(answer) && answer >= 1);
              now += answer;
              assert.equal(bucket.take(now), true, "free when it was said to be");
              taken += 1;
            }
            assert.ok(taken <= burst + ((now - start) * perSecond) / 1000 + 0.001);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("rates of many", () => {
  it("[H75] remember only who took something just now", () => {
    const buckets = new TokenBuckets(10, 40);
    for (let i = 0; i < 100_000; i++) buckets.take(`user ${i}`, i);
    assert.ok(buckets.size <= 101, `${buckets.size}`);
    for (let i = 0; i < 40; i++) buckets.take("kim", 100_000);
    assert.equal(typeof buckets.take("kim", 100_000), "number");
    for (let i = 0; i < 39; i++) buckets.take(`other ${i}`, 100_001 + 100 * i);
    assert.equal(buckets.take("kim", 103_900), true, "what was taken is not forgotten before it is refilled");
    assert.ok(buckets.size <= 41);
    buckets.take("lee", 200_000);
    assert.equal(buckets.size, 1);
    const none = new TokenBuckets(0, 0);
    for (let i = 0; i < 10; i++) assert.equal(none.take(`user ${i}`, 0), true);
    assert.equal(none.size, 0);
    const window = new RateWindow(20, 10_000);
    for (let i = 0; i < 20_000; i++) window.take(`address ${i}`, i);
    assert.ok(window.size <= 10_001, `${window.size}`);
  });
});
