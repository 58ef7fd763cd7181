import assert from "node:assert/strict";
import type { Status } from "../../src/core/session.ts";
import { auditKindOf, type Step, step } from "../../src/core/status.ts";

const STEPS: readonly Step[] = ["start", "pause", "resume", "terminate"];

/** By hand from the contract: the status that each step leads to, `=` unchanged, `x` invalid. */
const TABLE: Record<Status, readonly [start: string, pause: string, resume: string, terminate: string]> = {
  created: ["live", "x", "x", "ended"],
  live: ["=", "paused", "=", "ended"],
  paused: ["x", "=", "live", "ended"],
  ended: ["x", "x", "x", "="],
};

describe("the status table", () => {
  for (const [status, row] of Object.entries(TABLE)) {
    it(`[S11] in ${status}: ${STEPS.map((name, index) => `${name} ${row[index]}`).join(", ")}`, () => {
      const found = STEPS.map((name) => {
        const outcome = step({ status: status as Status, statusBy: "gm" }, name, "gm");
        if (outcome === "unchanged") return "=";
        return outcome === "invalid_transition" ? "x" : outcome.to;
      });
      assert.deepEqual(found, row);
    });
  }

  it("[S11] names the audit event of each step", () => {
    assert.deepEqual(STEPS.map(auditKindOf), ["session.started", "session.paused", "session.resumed", "session.ended"]);
  });
});
