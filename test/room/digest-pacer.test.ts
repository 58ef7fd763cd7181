import assert from "node:assert/strict";
import { DigestPacer } from "../../src/room/digest-pacer.ts";
import { HandClock } from "../support/hand-clock.ts";

describe("when a room's digest is brought up to date", () => {
  let clock: HandClock;
  let told: string[];
  let pacer: DigestPacer;

  beforeEach(() => {
    clock = new HandClock();
    told = [];
    pacer = new DigestPacer(
      clock,
      () => told.push("digest"),
      () => told.push("patch"),
    );
  });

  it("[R11] rides in the first commit's own patch, and in one every half second while they go on", async () => {
    for (let ms = 0; ms < 2_000; ms += 50) {
      pacer.committed();
      await clock.advance(50);
    }
    assert.deepEqual(told, ["digest", "digest", "digest", "digest"]);
  });

  it("[R11] has a patch of its own within a second of the last commit, and none while nothing changes", async () => {
    pacer.committed();
    pacer.committed(); // in the same millisecond: not in the first one's digest
    await clock.advance(1_000);
    assert.deepEqual(told, ["digest", "digest", "patch"]);
    await clock.advance(60_000);
    assert.equal(told.length, 3);
    assert.equal(clock.pending, 0);
  });

  it("[R11] says nothing any more once it is stopped", async () => {
    pacer.committed();
    pacer.committed();
    pacer.stop();
    await clock.advance(1_000);
    assert.deepEqual(told, ["digest"]);
  });

  it("[X30] is in time however the clock jumps", async () => {
    for (const hours of [-2, 3]) {
      pacer.committed();
      pacer.committed();
      clock.jump(hours * 3_600_000);
      pacer.committed();
      told.length = 0;
      await clock.advance(900);
      assert.deepEqual(told, ["digest", "patch"]);
    }
  });
});
