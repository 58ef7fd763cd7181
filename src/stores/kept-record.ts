import type { LogRecord } from "../core/record.ts";
import type { DamagedRecord, KeptRecord } from "../ports/archive.ts";
import { StoredDataDamaged } from "../ports/failures.ts";
import { parsed, type RecordTexts, recordOf, textsOf } from "./stored-record.ts";

type Head = Pick<LogRecord, "pos" | "id" | "epoch" | "at"> & { readonly sessionId: string; readonly kind: string };

/** A record as it is stored, whole or trimmed. `content` null: trimmed; `traces` null: it has none. */
export interface KeptTexts extends Head, Pick<RecordTexts, "audit" | "crc32"> {
  readonly content: string | null;
  readonly traces: string | null;
}

/**
 * What is stored at a position, for those who look over a store.
 * @param isTrimmed whether the log is trimmed there: it may hold content all the same, for a trim takes its time
 */
export function keptOf(stored: KeptTexts, isTrimmed: boolean): KeptRecord | DamagedRecord {
  const { sessionId, pos, id, epoch, at, kind, content } = stored;
  const where = `the record of ${sessionId} at ${pos}`;
  try {
    if (content === null && !isTrimmed) throw new StoredDataDamaged(`${where} has no content`);
    const audit = stored.audit === null ? [] : parsed<KeptRecord["audit"]>(stored.audit, where);
    const traces = stored.traces === null ? [] : parsed<KeptRecord["traces"]>(stored.traces, where);
    const head = { pos, id, epoch, at, kind, audit, traces };
    if (content === null || isTrimmed) return { ...head, body: null };
    const { v, content: fact, sockets } = recordOf({ ...stored, content });
    return { ...head, body: { v, content: fact, ...(sockets === undefined ? {} : { sockets }) } };
  } catch (error) {
    if (error instanceof StoredDataDamaged) return { pos, damage: error.message };
    throw error;
  }
}

/** A kept record's texts as they are to be stored. The content that a checksum would be over is gone where it is trimmed. */
export function keptTextsOf(sessionId: string, record: KeptRecord): KeptTexts {
  const { pos, id, epoch, at, kind, audit, traces, body } = record;
  const head = { sessionId, pos, id, epoch, at, kind, traces: traces.length === 0 ? null : JSON.stringify(traces) };
  if (body !== null) return { ...head, ...textsOf({ sessionId, pos, id, epoch, at, audit, ...body }) };
  return { ...head, content: null, audit: audit.length === 0 ? null : JSON.stringify(audit), crc32: null };
}
