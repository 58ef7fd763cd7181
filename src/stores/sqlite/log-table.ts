import type { DatabaseSync, StatementSync } from "node:sqlite";
import { PositionTaken, StoreUnavailable } from "../../ports/failures.ts";
import { PageSize } from "../log-page.ts";
import type { StoredRecord } from "../stored-record.ts";

/** A record as it is stored: primitives only, so that it passes to another thread cheaply. */
export type RecordRow = readonly [
  pos: number,
  id: string,
  epoch: number,
  at: number,
  kind: string,
  content: string | null,
  audit: string | null,
  traces: string | null,
  firstN: number | null,
  lastN: number | null,
  firstSeq: number | null,
  lastSeq: number | null,
  crc32: number | null,
];

/** Positions that a single trim goes over, and bytes of content beyond which it ends: commits wait no longer for it. */
const TRIM_STEP = 1000;
const TRIM_BYTES = 2 * 1024 * 1024;

/** The statements on `log` and `trimmed`. */
export class LogTable {
  readonly #last: StatementSync;
  readonly #idAt: StatementSync;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #trimmed: StatementSync;
  readonly #contentSizes: StatementSync;
  readonly #forget: StatementSync;
  readonly #markTrimmed: StatementSync;
  readonly #events: StatementSync;
  readonly #traces: StatementSync;

  constructor(db: DatabaseSync) {
    this.#last = db.prepare("SELECT max(pos) AS pos FROM log WHERE session_id = ?");
    this.#idAt = db.prepare("SELECT id FROM log WHERE session_id = ? AND pos = ?");
    this.#insert = db.prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#read = db.prepare(
      `SELECT session_id AS sessionId, pos, id, epoch, at, content, audit, crc32 FROM log
       WHERE session_id = ? AND pos > ? AND content IS NOT NULL ORDER BY pos LIMIT ?`,
    );
    this.#trimmed = db.prepare("SELECT through_pos AS pos FROM trimmed WHERE session_id = ?");
    this.#contentSizes = db.prepare(
      `SELECT pos, octet_length(content) AS bytes FROM log WHERE session_id = ? AND pos > ? AND pos <= ?
       AND content IS NOT NULL ORDER BY pos`,
    );
    this.#forget = db.prepare("UPDATE log SET content = NULL WHERE session_id = ? AND pos > ? AND pos <= ?");
    this.#markTrimmed = db.prepare(
      "INSERT INTO trimmed VALUES (?, ?) ON CONFLICT DO UPDATE SET through_pos = excluded.through_pos",
    );
    this.#events = db.prepare(
      "SELECT audit AS text FROM log WHERE session_id = ? AND last_n > ? ORDER BY last_n LIMIT ?",
    );
    this.#traces = db.prepare(
      "SELECT traces AS text FROM log WHERE session_id = ? AND last_seq > ? ORDER BY last_seq LIMIT ?",
    );
  }

  /** Stores what does not stand there yet: a failure is returned before anything is written. "same": all stood there. */
  append(sessionId: string, rows: readonly RecordRow[]): "stored" | "same" | PositionTaken | StoreUnavailable {
    const last = this.end(sessionId);
    const firstPos = rows[0]![0];
    if (firstPos > last + 1) return new StoreUnavailable(`${sessionId} has nothing before ${firstPos}`);
    for (const [pos, id] of rows) {
      if (pos <= last && this.#idAt.get(sessionId, pos)?.id !== id) return new PositionTaken(`${sessionId} at ${pos}`);
    }
    for (const row of rows) if (row[0] > last) this.#insert.run(sessionId, ...row);
    return rows.at(-1)![0] > last ? "stored" : "same";
  }

  /** The last position, 0 of an empty log. */
  end(sessionId: string): number {
    return Number(this.#last.get(sessionId)?.pos ?? 0);
  }

  /** A page: it ends early where records are large. */
  read(sessionId: string, afterPos: number, limit: number): StoredRecord[] {
    const after = Math.max(afterPos, this.#trimmedThrough(sessionId));
    const found: StoredRecord[] = [];
    const page = new PageSize();
    for (const row of this.#read.iterate(sessionId, after, limit) as Iterable<unknown> as Iterable<StoredRecord>) {
      found.push(row);
      page.add(row.content, row.audit);
      if (page.isFull) break;
    }
    return found;
  }

  /** Forgets the next stretch of content. @returns whether there is more to forget */
  trimSome(sessionId: string, throughPos: number): boolean {
    const from = this.#trimmedThrough(sessionId);
    // Never past the end: the mark would hide records that are still to come.
    const through = Math.min(throughPos, this.end(sessionId));
    if (through <= from) return false;
    const to = this.#endOfStep(sessionId, from, Math.min(through, from + TRIM_STEP));
    this.#forget.run(sessionId, from, to);
    this.#markTrimmed.run(sessionId, to);
    return to < through;
  }

  /** JSON arrays of audit events, the first of which may begin at or before `afterN`. */
  events(sessionId: string, afterN: number, limit: number): string[] {
    return this.#events.all(sessionId, afterN, limit).map((row) => String(row.text));
  }

  /** JSON arrays of traces, the first of which may begin at or before `afterSeq`. */
  traces(sessionId: string, afterSeq: number, limit: number): string[] {
    return this.#traces.all(sessionId, afterSeq, limit).map((row) => String(row.text));
  }

  /** The content is overwritten: 2 MiB of it, or one record, at a time. */
  #endOfStep(sessionId: string, from: number, to: number): number {
    let bytes = 0;
    for (const row of this.#contentSizes.iterate(sessionId, from, to)) {
      bytes += Number(row.bytes);
      if (bytes >= TRIM_BYTES) return Number(row.pos);
    }
    return to;
  }

  #trimmedThrough(sessionId: string): number {
    return Number(this.#trimmed.get(sessionId)?.pos ?? 0);
  }
}
