import { chain } from "../core/audit.ts";
import { type AuditNote, type LogRecord, RECORD_FORMAT, type RecordContent } from "../core/record.ts";
import type { SessionState } from "../core/state.ts";

/**
 * The record that comes next in a session's log, not applied yet: its position follows the state's, its notes continue
 * the state's audit chain.
 * @param epoch of the host that writes it
 * @param id unique per record: by it a store knows the identical record again
 * @param at ms since 1970
 * @throws where a note cannot be chained (see `chain`)
 */
export function nextRecord(
  state: SessionState,
  epoch: number,
  content: RecordContent,
  notes: readonly AuditNote[],
  id: string,
  at: number,
): LogRecord {
  const { sessionId, pos } = state;
  let { auditCount, auditHead } = state;
  const audit = notes.map((note) => {
    const event = chain(auditCount, auditHead, note);
    auditCount = event.n;
    auditHead = event.hash;
    return event;
  });
  return { v: RECORD_FORMAT, sessionId, pos: pos + 1, id, epoch, at, content, audit };
}
