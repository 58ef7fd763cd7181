import assert from "node:assert/strict";
import { readSnapshot, writeSnapshot } from "../../src/core/snapshot.ts";
import { SessionState } from "../../src/core/state.ts";
import type { WrittenLog } from "./written-log.ts";

/**
 * Rules N1, N2 and S10 at one position of a log: a snapshot from there, and a clone, with the records after it give what
 * all records give.
 * @param cut any natural number: it is taken round
 */
export function assertSnapshotsFit({ state, records }: WrittenLog, cut: number): void {
  const whole = writeSnapshot(state).text;
  const at = cut % records.length;
  const early = new SessionState(state.sessionId);
  for (const record of records.slice(0, at)) early.apply(record);
  const { text, sha256 } = writeSnapshot(early);
  const restored = readSnapshot(text, sha256);
  assert.equal(writeSnapshot(restored).text, text);
  const copy = early.clone();
  // Records as a store gives them back: through JSON.
  for (const record of JSON.parse(JSON.stringify(records.slice(at)))) {
    restored.apply(record);
    copy.apply(record);
  }
  assert.equal(writeSnapshot(restored).text, whole);
  assert.equal(writeSnapshot(copy).text, whole);
  assert.equal(writeSnapshot(early).text, text);
}
