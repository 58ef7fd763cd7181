import type { LogRecord } from "../core/record.ts";

/**
 * The session to which a call's records belong. A call that no writer may make (no records, two sessions, positions
 * that do not follow each other) is a programming error.
 * @throws TypeError
 */
export function sessionOfAppend(records: readonly LogRecord[]): string {
  const first = records[0];
  if (first === undefined) throw new TypeError("An append without records.");
  for (const { sessionId } of records) {
    if (sessionId !== first.sessionId) throw new TypeError("An append to two sessions.");
  }
  checkPositions(first.sessionId, records);
  return first.sessionId;
}

/** @throws TypeError where positions do not follow each other, or are none */
export function checkPositions(sessionId: string, records: readonly { readonly pos: number }[]): void {
  for (const [i, { pos }] of records.entries()) {
    if (!Number.isSafeInteger(pos) || pos < 1 || pos !== records[0]!.pos + i) {
      throw new TypeError(`Positions of ${sessionId} do not follow each other at ${pos}.`);
    }
  }
}
