import { Types } from "mongoose";
import { type AuditEvent, type CommandTrace, type LogRecord, tracesOf } from "../../core/record.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { LogDocument, RecordHead } from "./models.ts";

/** The format of a stored document of the log. A reader refuses what is newer than it knows. */
export const LOG_FORMAT = 1;

/** What a document with these records holds; the bodies are whole, however large. */
export function documentOf(records: readonly LogRecord[]): LogDocument {
  const first = records[0]!;
  const heads: RecordHead[] = [];
  const bodies: string[] = [];
  let lastN: number | undefined;
  let lastSeq: number | undefined;
  for (const { v, id, epoch, at, content, sockets, audit, ...record } of records) {
    const traces = tracesOf({ v, id, epoch, at, content, audit, ...record });
    const head: RecordHead = { id, epoch, at, kind: content.kind };
    if (audit.length > 0) head.audit = JSON.stringify(audit);
    if (traces.length > 0) head.traces = JSON.stringify(traces);
    heads.push(head);
    // What a trim forgets.
    bodies.push(JSON.stringify({ v, content, sockets }));
    lastN = audit.at(-1)?.n ?? lastN;
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
  for (const [i, { id, epoch, at, audit }] of records.entries()) {
    const pos = firstPos + i;
    if (pos <= afterPos) continue;
    const body = bodies[i];
    const where = `the record of ${sessionId} at ${pos}`;
    if (typeof body !== "string") throw new StoredDataDamaged(`${where} has no content`);
    const { v, content, sockets } = parsed<Pick<LogRecord, "v" | "content" | "sockets">>(body, where);
    const events = audit === undefined ? [] : parsed<AuditEvent[]>(audit, `the audit trail of ${sessionId} at ${pos}`);
    found.push({
      v,
      sessionId,
      pos,
      id,
      epoch,
      at,
      content,
      audit: events,
      ...(sockets === undefined ? {} : { sockets }),
    });
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

/** @throws StoredDataDamaged where it is no JSON */
export function parsed<T>(text: string, what: string): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new StoredDataDamaged(`${what} is no JSON`);
  }
}
