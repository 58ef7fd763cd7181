import assert from "node:assert/strict";
import type { Status } from "../../src/core/session.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import { WrittenLog } from "../support/written-log.ts";

describe("forgetting", () => {
  const evening = (status: Status): WrittenLog => {
    const log = WrittenLog.begun();
    log.opened("p1");
    log.joined("kim");
    log.command("kim", [["shared/a", "1"]], { result: "17" });
    if (status !== "created") log.write({ kind: "status", status, by: "gm", reason: "" });
    return log;
  };

  for (const status of ["created", "live", "paused"] as const) {
    it(`[Y1] does not follow in a session that is ${status}, and changes nothing there`, () => {
      const log = evening(status);
      const before = writeSnapshot(log.state).text;
      assert.throws(
        () => log.write({ kind: "forgotten" }),
        new RegExp(`^Error: session s1, record .: .* this one is ${status}$`),
      );
      assert.equal(writeSnapshot(log.state).text, before);
    });
  }

  it("[Y1] takes entries and answers of an ended one, keeps its seq, and harms no copy", () => {
    const log = evening("ended");
    const copy = log.state.clone();
    log.write({ kind: "forgotten" });
    assert.deepEqual([...log.state.entries], []);
    assert.equal(log.state.answers.get("kim", "id1"), undefined);
    assert.equal(log.state.answers.size, 0);
    assert.equal(log.state.seq, 1);
    assert.equal(copy.entries.get("shared/a")?.value, "1");
    assert.deepEqual(copy.answers.get("kim", "id1"), { seq: 1, result: "17" });
  });

  it("[Y1] a second time changes nothing", () => {
    const log = evening("ended");
    log.write({ kind: "forgotten" });
    const { pos: _, ...once } = JSON.parse(writeSnapshot(log.state).text);
    log.write({ kind: "forgotten" });
    const { pos: __, ...twice } = JSON.parse(writeSnapshot(log.state).text);
    assert.deepEqual(twice, once);
  });
});
