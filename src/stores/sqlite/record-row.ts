import { type LogRecord, tracesOf } from "../../core/record.ts";
import type { KeptRecord } from "../../ports/archive.ts";
import { type KeptTexts, keptTextsOf } from "../kept-record.ts";
import { textsOf } from "../stored-record.ts";
import type { RecordRow } from "./log-table.ts";

type Numbered = Pick<KeptRecord, "audit" | "traces">;

/** A record as it is stored. */
export function rowOf(record: LogRecord): RecordRow {
  const { sessionId, pos, id, epoch, at, audit, content } = record;
  const traces = tracesOf(record);
  const texts = { traces: traces.length === 0 ? null : JSON.stringify(traces), ...textsOf(record) };
  return rowWith({ sessionId, pos, id, epoch, at, kind: content.kind, ...texts }, { audit, traces });
}

/** A record that another store kept, as it is stored. */
export function rowOfKept(sessionId: string, record: KeptRecord): RecordRow {
  return rowWith(keptTextsOf(sessionId, record), record);
}

function rowWith(texts: KeptTexts, { audit, traces }: Numbered): RecordRow {
  return [
    texts.pos,
    texts.id,
    texts.epoch,
    texts.at,
    texts.kind,
    texts.content,
    texts.audit,
    texts.traces,
    audit[0]?.n ?? null,
    audit.at(-1)?.n ?? null,
    traces[0]?.seq ?? null,
    traces.at(-1)?.seq ?? null,
    texts.crc32,
  ];
}
