import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../../clients/js/src/digest.ts";
import { faultsOf, type Outcome, type View } from "../../loadtest/verdict.ts";
import { digestOf as serverDigestOf } from "../../src/core/digest.ts";

const view = (who: string, more: Partial<View> = {}): View => ({ who, seq: 110, counter: 14, digest: "aa", ...more });

const EXACT: Outcome = {
  sessionId: "s1",
  seqAtStart: 10,
  counterAtStart: 4,
  acknowledged: 100,
  increments: 10,
  unanswered: 0,
  unseen: 0,
  sharedSeqs: 0,
  views: [view("gm"), view("kim")],
  serverDigest: "aa",
};

const faults = (more: Partial<Outcome>) => faultsOf({ ...EXACT, ...more }, true);

describe("the verdict of an evening", () => {
  it("[Q4] says nothing of an exact one", () => {
    assert.deepEqual(faults({}), []);
    assert.deepEqual(faults({ serverDigest: null }), []);
  });

  it("[Q4] names a lost command, and who misses it", () => {
    const [fault, ...others] = faults({ views: [view("gm"), view("kim", { seq: 109 })] });
    assert.match(fault ?? "", /^session s1: lost: kim see 99 commands and 10 increments; acknowledged: 100 and 10$/);
    assert.deepEqual(others, []);
  });

  it("[Q4] names an increment that was overwritten", () => {
    assert.match(faults({ views: [view("gm", { counter: 13 })] }).join(), /lost: gm see 100 commands and 9 increments/);
  });

  it("[Q4] names what happened twice", () => {
    assert.match(faults({ views: [view("gm", { seq: 111 })] }).join(), /happened twice: gm see 101 commands/);
    assert.match(faults({ views: [view("gm", { counter: 15 })] }).join(), /happened twice: gm see 100 commands and 11/);
  });

  it("[Q4] names what was never answered, and does not call it lost or twice", () => {
    for (const seq of [110, 111]) {
      const views = [view("gm", { seq }), view("kim", { seq })];
      assert.deepEqual(faults({ unanswered: 1, views }), ["session s1: 1 commands were never answered"]);
    }
  });

  it("[Q4] names commands that share a seq", () => {
    assert.match(faults({ sharedSeqs: 2 }).join(), /2 commands were answered with another command's seq/);
  });

  it("[Q4] names different states, and a server that says another digest", () => {
    assert.match(faults({ views: [view("gm"), view("kim", { digest: "bb" })] }).join(), /2 different states/);
    assert.match(faults({ serverDigest: "cc" }).join(), /the server's digest is cc, the participants' aa/);
  });

  it("[Q4] asks for the patch before the answer only where that is promised", () => {
    const early = { ...EXACT, unseen: 3 };
    assert.match(faultsOf(early, true).join(), /3 answers came before their patch/);
    assert.deepEqual(faultsOf(early, false), []);
  });

  it("[Q5] is given over the same digest as the server's", () => {
    const entry = fc.record({ value: fc.json(), version: fc.nat(), by: fc.string() });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), entry), { selector: ([path]) => path }),
        (pairs) => {
          assert.equal(digestOf(pairs), serverDigestOf(pairs));
        },
      ),
    );
  });
});
