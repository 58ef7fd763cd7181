import type { LogRecord } from "../core/record.ts";

/**
 * The session to which a call's records belong. A call that no writer may make (no records, two sessions, positions
 * that do not follow each other) is a programming error.
 * @throws TypeError
 */
export function sessionOfAppend(records: readonly LogRecord[]): string {
  const first = records[0];
  if (first === undefined) throw new TypeError("An append without records.");
  for (const [i, record] of records.entries()) {
    if (record.sessionId !== first.sessionId) throw new TypeError("An append to two sessions.");
    if (!Number.isSafeInteger(record.pos) || record.pos < 1 || record.pos !== first.pos + i) {
      throw new TypeError(`Positions of ${first.sessionId} do not follow each other at ${record.pos}.`);
    }
  }
  return first.sessionId;
}
