import assert from "node:assert/strict";
import { SharedForASecond } from "../../src/http/shared-for-a-second.ts";
import { HandClock, settled } from "../support/hand-clock.ts";
import { Evening } from "./evening.ts";

describe("what is worked out for all who ask", () => {
  it("[H76] is worked out once at a time and kept for a second, a failure too", async () => {
    const clock = new HandClock();
    let times = 0;
    let next = Promise.withResolvers<number>();
    const shared = new SharedForASecond(clock, () => {
      times += 1;
      return next.promise;
    });
    const asked = Array.from({ length: 100 }, () => shared.ask());
    next.resolve(7);
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([7]));
    await settled();
    await clock.advance(999);
    assert.equal(await shared.ask(), 7);
    assert.equal(times, 1);
    await clock.advance(1);
    next = Promise.withResolvers();
    const failing = [shared.ask(), shared.ask()];
    next.reject(new Error("away"));
    for (const one of failing) await assert.rejects(one, /away/);
    await assert.rejects(shared.ask(), /away/);
    assert.equal(times, 2);
    await clock.advance(1_000);
    next = Promise.withResolvers();
    next.resolve(8);
    assert.equal(await shared.ask(), 8);
  });

  it("[H76] has failed after its time, and is not begun again before it has ended", async () => {
    const clock = new HandClock();
    let times = 0;
    const hanging = Promise.withResolvers<void>();
    const shared = new SharedForASecond(
      clock,
      () => {
        times += 1;
        return hanging.promise;
      },
      2_000,
    );
    const first = assert.rejects(shared.ask(), /in time/);
    await clock.advance(2_000);
    await first;
    for (let second = 0; second < 10; second++) {
      await assert.rejects(shared.ask(), /in time/);
      await clock.advance(1_000);
    }
    assert.equal(times, 1);
    hanging.resolve();
    await settled();
    await clock.advance(1_000);
    await shared.ask();
    await settled();
    assert.equal(times, 2);
    assert.equal(clock.pending, 0);
  });

  it("[H76] 200 who ask for readiness and figures at once cost one check and one count", async () => {
    let counts = 0;
    const evening = await Evening.begin({}, { metrics: async () => `count ${++counts}\n` });
    try {
      let checks = 0;
      const check = evening.stores.check;
      Reflect.set(evening.stores, "check", async () => {
        checks += 1;
        await check();
      });
      const ask = async (path: string) =>
        (await Promise.all(Array.from({ length: 100 }, () => evening.ask(null, "GET", path)))).map((a) => a.status);
      const answers = [...(await ask("/readyz")), ...(await ask("/metrics")), ...(await ask("/readyz"))];
      assert.deepEqual(new Set(answers), new Set([200]));
      assert.deepEqual([checks, counts], [1, 1]);
      evening.stores.goDown();
      evening.clock.pass(1_000);
      assert.deepEqual(new Set(await ask("/readyz")), new Set([503]));
      assert.equal(evening.logLines.filter((line) => line.includes("not ready")).length, 1);
      evening.draining = true;
      assert.match((await evening.ask(null, "GET", "/readyz")).text, /draining/, "that is told at once");
    } finally {
      evening.end();
    }
  });
});
