import fc from "fast-check";
import { happening } from "../support/happenings.ts";
import { assertSnapshotsFit } from "../support/snapshots-fit.ts";
import { WrittenLog } from "../support/written-log.ts";

describe("a snapshot, at random", () => {
  it("[N1] [N2] [S10] at any position, with the records after it, is what all records give", () => {
    const continued = fc.option(fc.constant([["shared/a", "1", "kim"]] as const), { nil: [] });
    fc.assert(
      fc.property(continued, fc.array(happening, { maxLength: 40 }), fc.nat(), (before, happenings, cut) => {
        const log = WrittenLog.begun({ continued: before });
        for (const happen of happenings) happen(log);
        log.write({ kind: "status", status: "ended", by: "gm", reason: "" }, [{ kind: "session.ended", by: "gm" }]);
        assertSnapshotsFit(log, cut);
      }),
      { numRuns: 150 },
    );
  });
});
