import { type LogRecord, tracesOf } from "../../core/record.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { RecordRow, WholeRow } from "./log-table.ts";

/** A record as it is stored. */
export function rowOf(record: LogRecord): RecordRow {
  const { v, content, sockets, audit } = record;
  const traces = tracesOf(record);
  return [
    record.pos,
    record.id,
    record.epoch,
    record.at,
    content.kind,
    // What a trim forgets.
    JSON.stringify({ v, content, sockets }),
    audit.length === 0 ? null : JSON.stringify(audit),
    traces.length === 0 ? null : JSON.stringify(traces),
    audit[0]?.n ?? null,
    audit.at(-1)?.n ?? null,
    traces[0]?.seq ?? null,
    traces.at(-1)?.seq ?? null,
  ];
}

/** A stored row as the record that was appended. @throws StoredDataDamaged */
export function recordOf(sessionId: string, row: WholeRow): LogRecord {
  const { pos, id, epoch, at } = row;
  try {
    const { v, content, sockets } = JSON.parse(row.content);
    const audit = row.audit === null ? [] : JSON.parse(row.audit);
    return { v, sessionId, pos, id, epoch, at, content, audit, ...(sockets === undefined ? {} : { sockets }) };
  } catch {
    throw new StoredDataDamaged(`the record of ${sessionId} at ${pos} is no JSON`);
  }
}
