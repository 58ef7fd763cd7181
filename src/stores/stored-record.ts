import { crc32 } from "node:zlib";
import type { AuditEvent, LogRecord, RecordBody } from "../core/record.ts";
import { recordBodyOf } from "../core/record-upgrades.ts";
import { UnknownFormat } from "../core/upgrade.ts";
import { StoredDataDamaged } from "../ports/failures.ts";

type Place = Pick<LogRecord, "sessionId" | "pos">;
type Head = Pick<LogRecord, "sessionId" | "pos" | "id" | "epoch" | "at">;

/** What the stores that write to disk keep of a record as text, and the checksum beside it. */
export interface RecordTexts {
  /** JSON of the body: what a trim forgets */
  readonly content: string;
  /** JSON of the audit events, which stay; null where there are none */
  readonly audit: string | null;
  /** null: written before there were checksums */
  readonly crc32: number | null;
}

/** A record that still has its content, as it is stored. */
export interface StoredRecord extends Head, RecordTexts {}

/** A record's texts as they are to be stored. */
export function textsOf(record: LogRecord): RecordTexts & { readonly crc32: number } {
  const { v, sockets } = record;
  const content = JSON.stringify({ v, content: record.content, sockets });
  const audit = record.audit.length === 0 ? null : JSON.stringify(record.audit);
  return { content, audit, crc32: checksumOf(record, content, audit) };
}

/**
 * CRC-32 of a record as it is stored: where and when it stands, and both texts (UTF-8). It finds damage, not forgery: of
 * the audit events, which stay when the content goes, the hash chain says whether they are true.
 */
export function checksumOf({ sessionId, pos, id, epoch, at }: Head, content: string, audit: string | null): number {
  return crc32(`${sessionId} ${pos} ${id} ${epoch} ${at}\n${audit ?? ""}\n${content}`);
}

/** A stored record as it was appended. @throws StoredDataDamaged naming session and position */
export function recordOf(stored: StoredRecord): LogRecord {
  const { sessionId, pos, id, epoch, at } = stored;
  const { v, content, sockets } = bodyOf(stored);
  const audit = stored.audit === null ? [] : parsed<AuditEvent[]>(stored.audit, `the audit trail of ${place(stored)}`);
  return { v, sessionId, pos, id, epoch, at, content, audit, ...(sockets === undefined ? {} : { sockets }) };
}

function bodyOf(stored: StoredRecord): RecordBody {
  const where = `the record of ${place(stored)}`;
  const body = parsed<unknown>(stored.content, where);
  const found = checksumOf(stored, stored.content, stored.audit);
  if (stored.crc32 !== null && stored.crc32 !== found) {
    throw new StoredDataDamaged(`${where} is damaged: its checksum is ${found}, should be ${stored.crc32}`);
  }
  try {
    return recordBodyOf(body);
  } catch (error) {
    throw error instanceof UnknownFormat ? new StoredDataDamaged(`${where}: ${error.message}`) : error;
  }
}

/** Stored JSON. @throws StoredDataDamaged where it is none */
export function parsed<T>(text: string, what: string): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new StoredDataDamaged(`${what} is no JSON`);
  }
}

function place({ sessionId, pos }: Place): string {
  return `${sessionId} at ${pos}`;
}
