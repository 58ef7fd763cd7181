import { Types } from "mongoose";
import { type AuditEvent, type CommandTrace, type LogRecord, tracesOf } from "../../core/record.ts";
import type { DamagedRecord, KeptRecord } from "../../ports/archive.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import { type KeptTexts, keptOf, keptTextsOf } from "../kept-record.ts";
import type { PageSize } from "../log-page.ts";
import { parsed, recordOf, textsOf } from "../stored-record.ts";
import type { LogDocument, RecordHead } from "./models.ts";

/** The format of a stored document of the log. A reader refuses what is newer than it knows. 2: with checksums. */
export const LOG_FORMAT = 2;

/** A document to which records are added; the bodies are whole, however large. */
type Draft = LogDocument & { readonly bodies: (string | null)[] };

/** What a document with these records holds. */
export function documentOf(records: readonly LogRecord[]): LogDocument {
  const draft = draftAt(records[0]!.sessionId, records[0]!.pos);
  for (const record of records) {
    const { id, epoch, at, audit } = record;
    add(draft, { id, epoch, at, kind: record.content.kind }, textsOf(record), audit, tracesOf(record));
  }
  return draft;
}

/** The same of records that another store kept, trimmed ones among them. */
export function documentOfKept(sessionId: string, records: readonly KeptRecord[]): LogDocument {
  const draft = draftAt(sessionId, records[0]!.pos);
  for (const record of records) {
    const { id, epoch, at, kind, audit, traces } = record;
    add(draft, { id, epoch, at, kind }, keptTextsOf(sessionId, record), audit, traces);
  }
  const { bodies, ...rest } = draft;
  return bodies.every((body) => body === null) ? rest : draft;
}

function draftAt(sessionId: string, pos: number): Draft {
  return { _id: new Types.ObjectId(), v: LOG_FORMAT, sessionId, pos, lastPos: pos - 1, records: [], bodies: [] };
}

function add(
  draft: Draft,
  head: RecordHead,
  { content, audit, crc32 }: Pick<KeptTexts, "content" | "audit" | "crc32">,
  events: readonly AuditEvent[],
  traces: readonly CommandTrace[],
): void {
  if (crc32 !== null) head.crc32 = crc32;
  if (audit !== null) head.audit = audit;
  if (traces.length > 0) head.traces = JSON.stringify(traces);
  draft.records.push(head);
  draft.bodies.push(content);
  draft.lastPos++;
  const [event, trace] = [events.at(-1), traces.at(-1)];
  if (event !== undefined) draft.lastN = event.n;
  if (trace !== undefined) draft.lastSeq = trace.seq;
}

/**
 * The records of a document after a position, as they were appended, as many as still belong to a page.
 * @param bodies of all its records
 * @throws StoredDataDamaged
 */
export function recordsOf(
  { v, sessionId, pos: firstPos, records }: LogDocument,
  bodies: readonly (string | null)[],
  afterPos: number,
  limit: number,
  page: PageSize,
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
    if (found.length === limit || page.isFull) break;
    const content = bodies[i];
    if (typeof content !== "string") throw new StoredDataDamaged(`the record of ${sessionId} at ${pos} has no content`);
    found.push(recordOf({ sessionId, pos, id, epoch, at, content, audit, crc32 }));
    page.add(content, audit);
  }
  return found;
}

/**
 * What stands at the positions of a document after one, damaged or not.
 * @param bodies undefined where parts of them are gone
 * @param trimmedThrough up to where the log is trimmed
 */
export function keptRecordsOf(
  { v, sessionId, pos: firstPos, lastPos, records }: LogDocument,
  bodies: readonly (string | null)[] | undefined,
  afterPos: number,
  trimmedThrough: number,
): (KeptRecord | DamagedRecord)[] {
  const found = records.map(({ id, epoch, at, kind, audit = null, traces = null, crc32 = null }, i) => {
    const pos = firstPos + i;
    const where = `the record of ${sessionId} at ${pos}`;
    if (v > LOG_FORMAT) return { pos, damage: `${where} is of format ${v}; this program knows ${LOG_FORMAT}` };
    if (records.length !== lastPos - firstPos + 1) {
      return { pos, damage: `${where} stands in a document that does not hold what its positions say` };
    }
    const isTrimmed = pos <= trimmedThrough;
    if (bodies === undefined && !isTrimmed) return { pos, damage: `${where} has lost parts of its content` };
    const content = bodies?.[i] ?? null;
    return keptOf({ sessionId, pos, id, epoch, at, kind, content, audit, traces, crc32 }, isTrimmed);
  });
  return found.filter(({ pos }) => pos > afterPos);
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
