import assert from "node:assert/strict";
import { PatchPacer } from "../../src/live/patch-pacer.ts";
import { HandClock, settled } from "../support/hand-clock.ts";

const FLOOR_MS = 8;

class Room {
  readonly clock = new HandClock();
  readonly sentAt: number[] = [];
  readonly start = this.clock.now();
  readonly pacer = new PatchPacer(this.clock, FLOOR_MS, () => this.sentAt.push(this.clock.now() - this.start));
}

/** Whether a commit was shown at once, or has been by now. */
function watch(shown: Promise<void> | undefined): { done: boolean } {
  const watched = { done: shown === undefined };
  void shown?.then(() => {
    watched.done = true;
  });
  return watched;
}

describe("the pacing of patches", () => {
  it("[R10] shows a commit at once, and the next ones together, a floor later", async () => {
    const { pacer, clock, sentAt } = new Room();
    assert.equal(pacer.commit(), undefined);
    assert.deepEqual(sentAt, [0]);
    await clock.advance(3);
    const waiting = [watch(pacer.commit()), watch(pacer.commit())];
    await clock.advance(4);
    assert.deepEqual([sentAt, waiting.map(({ done }) => done)], [[0], [false, false]]);
    await clock.advance(1);
    assert.deepEqual(
      [sentAt, waiting.map(({ done }) => done)],
      [
        [0, FLOOR_MS],
        [true, true],
      ],
    );
    await clock.advance(FLOOR_MS);
    assert.equal(pacer.commit(), undefined);
    assert.equal(clock.pending, 0);
  });

  it("[R10] lets presence wait 50 ms for company, and go along with a commit", async () => {
    const { pacer, clock, sentAt } = new Room();
    pacer.request();
    await clock.advance(20);
    pacer.request();
    await clock.advance(29);
    assert.deepEqual(sentAt, []);
    await clock.advance(1);
    assert.deepEqual(sentAt, [50]);
    await clock.advance(50);
    pacer.request();
    void pacer.commit();
    assert.deepEqual(sentAt, [50, 100]);
    await clock.advance(1_000);
    assert.deepEqual(sentAt, [50, 100], "nothing is left to be sent");
  });

  it("[R10] a commit that waits is not held up by presence, nor twice by itself", async () => {
    const { pacer, clock, sentAt } = new Room();
    void pacer.commit();
    pacer.request();
    const commit = watch(pacer.commit());
    await clock.advance(FLOOR_MS);
    assert.deepEqual([sentAt, commit.done], [[0, FLOOR_MS], true]);
    await clock.advance(1_000);
    assert.deepEqual(sentAt, [0, FLOOR_MS]);
  });

  it("[R10] at 1,000 commits a second, sends a patch per floor", async () => {
    const { pacer, clock, sentAt } = new Room();
    for (let i = 0; i < 1_000; i++) {
      void pacer.commit();
      await clock.advance(1);
    }
    assert.equal(sentAt.length, 1 + 1_000 / FLOOR_MS);
  });

  it("[R10] once stopped, lets nobody wait and sends nothing", async () => {
    const { pacer, clock, sentAt } = new Room();
    void pacer.commit();
    const before = watch(pacer.commit());
    pacer.stop();
    const after = watch(pacer.commit());
    pacer.request();
    await settled();
    assert.deepEqual([before.done, after.done], [true, true]);
    await clock.advance(1_000);
    assert.equal(watch(pacer.commit()).done, true);
    assert.deepEqual([sentAt, clock.pending], [[0], 0]);
  });
});
