import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../support/digest.ts";
import { happening, happeningOverLives, ShownTable } from "../support/shown-table.ts";

describe("the projector and its viewers", function () {
  this.timeout(60_000);

  it("[R7] whatever happens, everybody sees what canRead says, and no byte of anything else", () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 5, maxLength: 80 }), (happenings) => {
        const table = new ShownTable();
        for (const happen of happenings) happen(table);
        for (let i = 0; i < table.seats.length; i++) table.acknowledge(i);
        table.patch();
      }),
      { numRuns: 300 },
    );
  });

  it("[R21] over cut lines and restarts too: an SDK's own copy is brought up to date, and its decoder complains of nothing", () => {
    fc.assert(
      fc.property(fc.array(happeningOverLives, { minLength: 20, maxLength: 150 }), (happenings) => {
        const table = new ShownTable();
        for (const happen of happenings) happen(table);
        while (table.away.length > 0) table.comeBack(0);
        for (let i = 0; i < table.seats.length; i++) table.acknowledge(i);
        table.patch();
      }),
      { numRuns: 300 },
    );
  });

  it("[R23] a demoted GM keeps nothing of what was removed and put back in the very patch that demotes them", () => {
    const table = new ShownTable();
    table.enter("kim", "gm");
    table.acknowledge(0);
    table.remove("mia", "gm/one");
    table.changeRole("kim", "player");
    table.set("mia", "gm/one", false);
    table.patch();
  });

  it("[R22] a key that came and went between two patches takes no other key with it, in the copy of an SDK that came back", () => {
    const table = new ShownTable();
    table.enter("kim", "player");
    table.acknowledge(0);
    table.expel("mia");
    table.restart();
    table.patch();
    table.comeBack(0);
    table.enter("lee", "player");
    table.expel("lee");
    table.patch();
  });

  it("[R7] the digest that is shown is that of the entries that are shown", () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 5, maxLength: 40 }), (happenings) => {
        const table = new ShownTable();
        table.enter("kim", "spectator");
        table.acknowledge(0);
        for (const happen of happenings) happen(table);
        table.enter("lee", "spectator");
        table.acknowledge(table.seats.length - 1);
        table.projector.digest();
        table.patch();
        const { state, shown } = table.seats.at(-1)!.onlooker;
        const entries = [...shown.entries].map(([at, { version, value }]) => ({ path: at, version, value }));
        assert.equal(state.digest, digestOf(entries));
        assert.equal(state.digestSeq, state.seq);
      }),
      { numRuns: 50 },
    );
  });
});
