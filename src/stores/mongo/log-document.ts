import { Types } from "mongoose";
import { type AuditEvent, type CommandTrace, type LogRecord, tracesOf } from "../../core/record.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import { parsed, recordOf, textsOf } from "../stored-record.ts";
import type { LogDocument, RecordHead } from "./models.ts";

/** The format of a stored document of the log. A reader refuses what is newer than it knows. 2: with checksums. */
export const LOG_FORMAT = 2;

/** What a document with these records holds; the bodies are whole, however large. */
export function documentOf(records: readonly LogRecord[]): LogDocument {
  const first = records[0]!;
  const heads: RecordHead[] = [];
  const bodies: string[] = [];
  let lastN: number | undefined;
  let lastSeq: number | undefined;
  for (const record of records) {
    const { content, audit, crc32 } = textsOf(record);
    const traces = tracesOf(record);
    const { id, epoch, at } = record;
    const head: RecordHead = { id, epoch, at, kind: record.content.kind, crc32 };
    if (audit !== null) head.audit = audit;
    if (traces.length > 0) head.traces = JSON.stringify(traces);
    heads.push(head);
    bodies.push(content);
    lastN = record.audit.at(-1)?.n ?? lastN;
    lastSeq = traces.at(-1)?.seq ?? lastSeq;
  }
  return {
    _id: new Types.ObjectId(),
    v: LOG_FORMAT,
    sessionId: first.sessionId,
    pos: first.pos,
    lastPos: first.pos + records.length - 1,
    records: heads,
    bodies,
    ...(lastN === undefined ? {} : { lastN }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
  };
}

/**
 * The records of a document after a position, as they were appended.
 * @param bodies of all its records
 * @throws StoredDataDamaged
 */
export function recordsOf(
  { v, sessionId, pos: firstPos, records }: LogDocument,
  bodies: readonly (string | null)[],
  afterPos: number,
): LogRecord[] {
  if (v > LOG_FORMAT) {
    throw new StoredDataDamaged(
      `the record of ${sessionId} at ${firstPos} is of format ${v}; this program knows ${LOG_FORMAT}`,
    );
  }
  const found: LogRecord[] = [];
  for (const [i, { id, epoch, at, audit = null, crc32 = null }] of records.entries()) {
    const pos = firstPos + i;
    if (pos <= afterPos) continue;
    const content = bodies[i];
    if (typeof content !== "string") throw new StoredDataDamaged(`the record of ${sessionId} at ${pos} has no content`);
    found.push(recordOf({ sessionId, pos, id, epoch, at, content, audit, crc32 }));
  }
  return found;
}

/** The audit events of a document's records, by rising `n`. @throws StoredDataDamaged */
export function eventsOf({ sessionId, records }: Pick<LogDocument, "sessionId" | "records">): AuditEvent[] {
  return records.flatMap(({ audit }) =>
    audit === undefined ? [] : parsed<AuditEvent[]>(audit, `the audit trail of ${sessionId}`),
  );
}

/** The traces of a document's records, by rising `seq`. @throws StoredDataDamaged */
export function commandTracesOf({ sessionId, records }: Pick<LogDocument, "sessionId" | "records">): CommandTrace[] {
  return records.flatMap(({ traces }) =>
    traces === undefined ? [] : parsed<CommandTrace[]>(traces, `the list of commands of ${sessionId}`),
  );
}
