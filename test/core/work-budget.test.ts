import assert from "node:assert/strict";
import fc from "fast-check";
import { ProcessWork, type SessionWork } from "../../src/core/work-budget.ts";

const PER_SECOND = 10_000;

/** Asks for the same again and again until it is refused. @returns how much was had */
function drain(work: SessionWork, userId: string, units: number, now: number): number {
  let had = 0;
  while (work.spend(userId, units, now) === 0) had += units;
  return had;
}

describe("a budget of work", () => {
  it("[V30] gives a participant four seconds' worth at once and then its rate, and says when there is enough", () => {
    const work = new ProcessWork(PER_SECOND).session();
    assert.equal(drain(work, "kim", 100, 1_000), 40_000);
    assert.equal(work.spend("kim", 100, 1_000), 10);
    assert.equal(work.spend("kim", 101, 1_010), 1);
    assert.equal(work.spend("kim", 100, 1_010), 0);
    let had = 0;
    for (let now = 1_010; now < 61_010; now += 50) had += drain(work, "kim", 100, now);
    assert.ok(had > 590_000 && had <= 600_000, `${had}`);
    assert.equal(drain(work, "lee", 100, 61_010), 40_000, "each has their own");
  });

  it("[V30] gives a session three times, and the process six times as much, however many sit in it", () => {
    const process = new ProcessWork(PER_SECOND);
    const [first, second, third] = [process.session(), process.session(), process.session()];
    const of = (work: SessionWork) =>
      Array.from({ length: 5 }, (_, i) => drain(work, `p${i}`, 100, 0)).reduce((sum, had) => sum + had);
    assert.equal(of(first), 120_000);
    assert.equal(of(second), 120_000);
    // the process has no more: the third has what is its own in any case
    assert.equal(of(third), 80_000);
  });

  it("[V30] is had for what is more than any burst where there is a whole one, and 0 is no limit", () => {
    const work = new ProcessWork(100).session();
    assert.equal(work.spend("kim", 1_000, 0), 0);
    assert.equal(work.spend("kim", 1, 0), 6_010);
    const free = new ProcessWork(0).session();
    for (let i = 0; i < 100; i++) assert.equal(free.spend("kim", 1e9, 0), 0);
    free.owe("kim", 1e9, 0);
    free.refused("kim", 0);
    assert.equal(free.spend("kim", 1, 0), 0);
  });

  it("[V30] counts work that is done already, and refusals of their sender, as debts", () => {
    const work = new ProcessWork(PER_SECOND).session();
    work.owe("kim", 45_000, 0);
    assert.equal(work.spend("kim", 1, 0), 501);
    for (let i = 0; i < 1_000; i++) work.refused("kim", 0);
    assert.equal(work.spend("kim", 1, 0), 601);
    assert.equal(work.spend("lee", 40_000, 0), 0, "nobody else's");
  });

  it("[V30] tells who was refused half way when all that they need will be there", () => {
    const work = new ProcessWork(PER_SECOND).session();
    assert.equal(work.spend("kim", 30_000, 0), 0);
    assert.equal(work.spend("kim", 10_000, 0), 0);
    assert.equal(work.spend("kim", 5_000, 0, 45_000), 4_000, "never more than a burst");
    assert.equal(work.spend("kim", 5_000, 0, 20_000), 2_000);
    assert.equal(work.spend("kim", 5_000, 0), 500);
  });

  it("[V30] goes on with a clock that goes back, and refills nothing for it", () => {
    const work = new ProcessWork(PER_SECOND).session();
    drain(work, "kim", 100, 10_000);
    assert.equal(work.spend("kim", 100, 5_000), 10);
    assert.equal(work.spend("kim", 100, 10_010), 0);
  });

  it("[V30] forgets somebody only where that gives them nothing", () => {
    const work = new ProcessWork(PER_SECOND).session();
    drain(work, "kim", 100, 0);
    work.forget("kim", 10);
    assert.ok(work.spend("kim", 200, 10) > 0);
    work.forget("kim", 4_000);
    assert.equal(drain(work, "kim", 100, 4_000), 40_000);
  });

  it("[V31] a session that wants little is never refused, whatever the others want", () => {
    const input = fc.record({
      others: fc.integer({ min: 1, max: 12 }),
      participants: fc.integer({ min: 1, max: 6 }),
      units: fc.integer({ min: 1, max: 30_000 }),
      everyMs: fc.integer({ min: 3, max: 40 }),
    });
    fc.assert(
      fc.property(input, ({ others, participants, units, everyMs }) => {
        const process = new ProcessWork(PER_SECOND);
        const greedy = Array.from({ length: others }, () => process.session());
        const quiet = process.session();
        // a part of what each would have if all were equal
        const wants = (0.8 * 6 * PER_SECOND * everyMs) / 1_000 / (others + 1);
        const perStep = Math.min(wants, (PER_SECOND * everyMs) / 1_000);
        for (let now = 0; now < 30_000; now += everyMs) {
          for (const work of greedy) {
            for (let who = 0; who < participants; who++) while (work.spend(`p${who}`, units, now) === 0);
          }
          assert.equal(quiet.spend("kim", perStep, now), 0, `refused after ${now} ms`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("[V31] sessions that want more than there is have equal parts of it, and the process no more than its rate", () => {
    const process = new ProcessWork(PER_SECOND);
    const works = Array.from({ length: 5 }, () => process.session());
    const had = works.map(() => 0);
    for (let now = 0; now < 120_000; now += 20) {
      for (const [i, work] of works.entries()) {
        for (let who = 0; who < 4; who++) had[i]! += drain(work, `p${who}`, 50, now);
      }
    }
    const total = had.reduce((sum, one) => sum + one);
    assert.ok(total <= 120 * 60_000 + 2 * 240_000, `${total}`);
    assert.ok(total >= 115 * 60_000, `${total}`);
    // the first to ask has more of what is left over, but nobody has less than their part
    for (const one of had) assert.ok(one >= 0.95 * 120 * 12_000, `${had}`);
  });
});
