import { type AuditEvent, type CommandTrace, type LogRecord, tracesOf } from "../../core/record.ts";
import { PositionTaken, StoreUnavailable } from "../../ports/failures.ts";
import type { Projection, SessionLog } from "../../ports/log.ts";
import { sessionOfAppend } from "../append-call.ts";
import { PageSize } from "../log-page.ts";
import { putAccess } from "./access.ts";
import type { MemoryBacking, StoredPosition } from "./backing.ts";

/** Session logs in memory: every guarantee of the port but survival. */
export class MemoryLog implements SessionLog {
  readonly #backing: MemoryBacking;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  async append(records: readonly LogRecord[], projection: Projection = {}): Promise<void> {
    const sessionId = sessionOfAppend(records);
    const log = this.#backing.logs.get(sessionId) ?? [];
    const fresh: StoredPosition[] = [];
    for (const record of records) {
      const standing = log[record.pos - 1];
      if (standing === undefined) fresh.push(stored(record));
      else if (standing.id !== record.id) throw new PositionTaken(`${sessionId} at ${record.pos}`);
    }
    if (fresh.length === 0) return;
    if (records[0]!.pos > log.length + 1)
      throw new StoreUnavailable(`${sessionId} has nothing before ${records[0]!.pos}`);
    this.#backing.logs.set(sessionId, log);
    log.push(...fresh);
    const { row, access, isWhole = false } = projection;
    if (row !== undefined) this.#backing.rows.set(sessionId, structuredClone(row));
    if (access !== undefined) putAccess(this.#backing, sessionId, access, records.at(-1)!.pos);
    if (isWhole) this.#backing.learned.add(sessionId);
  }

  async read(sessionId: string, afterPos: number, limit: number): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    const page = new PageSize();
    for (const { json } of this.#after(sessionId, afterPos)) {
      if (found.length >= limit || page.isFull) break;
      if (json === null) continue;
      found.push(JSON.parse(json));
      page.add(json);
    }
    return found;
  }

  async end(sessionId: string): Promise<number> {
    return this.#log(sessionId).length;
  }

  async trim(sessionId: string, throughPos: number): Promise<void> {
    for (const position of this.#log(sessionId).slice(0, throughPos)) position.json = null;
  }

  async events(sessionId: string, afterN: number, limit: number): Promise<AuditEvent[]> {
    const events = this.#log(sessionId).flatMap((position) => position.events);
    return structuredClone(events.filter((event) => event.n > afterN).slice(0, limit));
  }

  async commands(sessionId: string, afterSeq: number, limit: number): Promise<CommandTrace[]> {
    const traces = this.#log(sessionId).flatMap((position) => position.traces);
    return structuredClone(traces.filter((trace) => trace.seq > afterSeq).slice(0, limit));
  }

  #log(sessionId: string): readonly StoredPosition[] {
    return this.#backing.logs.get(sessionId) ?? [];
  }

  *#after(sessionId: string, afterPos: number): Iterable<StoredPosition> {
    const log = this.#log(sessionId);
    for (let i = Math.max(afterPos, 0); i < log.length; i++) yield log[i]!;
  }
}

function stored(record: LogRecord): StoredPosition {
  const { id, epoch, at, content, audit } = record;
  const json = JSON.stringify(record);
  return { id, epoch, at, kind: content.kind, json, events: structuredClone(audit), traces: tracesOf(record) };
}
