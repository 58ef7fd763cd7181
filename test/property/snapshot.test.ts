import assert from "node:assert/strict";
import fc from "fast-check";
import { readSnapshot, writeSnapshot } from "../../src/core/snapshot.ts";
import { SessionState } from "../../src/core/state.ts";
import { happening } from "../support/happenings.ts";
import { WrittenLog } from "../support/written-log.ts";

describe("a snapshot, at random", () => {
  it("[N1] [N2] [S10] at any position, with the records after it, is what all records give", () => {
    const continued = fc.option(fc.constant([["shared/a", "1", "kim"]] as const), { nil: [] });
    fc.assert(
      fc.property(continued, fc.array(happening, { maxLength: 40 }), fc.nat(), (before, happenings, cut) => {
        const log = WrittenLog.begun({ continued: before });
        for (const happen of happenings) happen(log);
        log.write({ kind: "status", status: "ended", by: "gm", reason: "" }, [{ kind: "session.ended", by: "gm" }]);
        const whole = writeSnapshot(log.state).text;

        const at = cut % log.records.length;
        const early = new SessionState("s1");
        for (const record of log.records.slice(0, at)) early.apply(record);
        const { text, sha256 } = writeSnapshot(early);
        const restored = readSnapshot(text, sha256);
        assert.equal(writeSnapshot(restored).text, text);
        const copy = early.clone();
        // Records as a store gives them back: through JSON.
        for (const record of JSON.parse(JSON.stringify(log.records.slice(at)))) {
          restored.apply(record);
          copy.apply(record);
        }
        assert.equal(writeSnapshot(restored).text, whole);
        assert.equal(writeSnapshot(copy).text, whole);
        assert.equal(writeSnapshot(early).text, text);
      }),
      { numRuns: 150 },
    );
  });
});
