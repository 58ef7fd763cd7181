import { type LogRecord, tracesOf } from "../../core/record.ts";
import { textsOf } from "../stored-record.ts";
import type { RecordRow } from "./log-table.ts";

/** A record as it is stored. */
export function rowOf(record: LogRecord): RecordRow {
  const { content, audit, crc32 } = textsOf(record);
  const traces = tracesOf(record);
  return [
    record.pos,
    record.id,
    record.epoch,
    record.at,
    record.content.kind,
    content,
    audit,
    traces.length === 0 ? null : JSON.stringify(traces),
    record.audit[0]?.n ?? null,
    record.audit.at(-1)?.n ?? null,
    traces[0]?.seq ?? null,
    traces.at(-1)?.seq ?? null,
    crc32,
  ];
}
