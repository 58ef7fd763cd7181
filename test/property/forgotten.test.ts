import assert from "node:assert/strict";
import fc from "fast-check";
import { history } from "../../src/core/attendance.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import { happening } from "../support/happenings.ts";
import { assertSnapshotsFit } from "../support/snapshots-fit.ts";
import { WrittenLog } from "../support/written-log.ts";

describe("a forgotten session, at random", () => {
  it("[Y1] [N1] [N2] has everything but its content, at any position of its log", () => {
    const continued = fc.option(fc.constant([["shared/a", '"canary"', "kim"]] as const), { nil: [] });
    fc.assert(
      fc.property(continued, fc.array(happening, { maxLength: 40 }), fc.nat(), (before, happenings, cut) => {
        const log = WrittenLog.begun({ continued: before });
        for (const happen of happenings) happen(log);
        log.write({ kind: "status", status: "ended", by: "gm", reason: "" }, [{ kind: "session.ended", by: "gm" }]);
        const told = history(log.state, log.now);
        const kept = JSON.parse(writeSnapshot(log.state).text);
        log.after(86_400).opened("sweeper");
        log.write({ kind: "forgotten" });
        const whole = writeSnapshot(log.state).text;

        const { pos, epoch, lastAt, nextObjectId, firstObjectId } = log.state;
        assert.deepEqual(JSON.parse(whole), {
          ...kept,
          ...{ pos, epoch, lastAt, nextObjectId, firstObjectId, process: "sweeper", entries: [], answers: [] },
        });
        assert.deepEqual(history(log.state, log.now), told);
        assert.equal(log.state.entries.bytes, 0);
        assert.deepEqual([...log.state.entries.below("shared")], []);

        assertSnapshotsFit(log, cut);
      }),
      { numRuns: 150 },
    );
  });
});
