import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { KeptTexts } from "../kept-record.ts";
import { PageSize } from "../log-page.ts";
import { SQLITE, sqliteCode } from "./sqlite-error.ts";

/** A position that the file tells of and whose row it cannot give. */
export interface LostRow {
  readonly pos: number;
  readonly damage: string;
}

const OF_SESSIONS = ["log", "trimmed", "session", "person", "invite", "snapshot"];
const FIELDS = "session_id AS sessionId, pos, id, epoch, at, kind, content, audit, traces, crc32";

/** The statements for looking over the whole file, and for putting in what another store kept. */
export class ArchiveTable {
  readonly #campaigns: StatementSync;
  readonly #nextSession: StatementSync;
  readonly #records: StatementSync;
  readonly #positions: StatementSync;
  readonly #record: StatementSync;
  readonly #trimmed: StatementSync;
  readonly #raiseTrimmed: StatementSync;
  readonly #dropRow: StatementSync;
  readonly #integrity: StatementSync;
  readonly #foreignKeys: StatementSync;

  constructor(db: DatabaseSync) {
    this.#campaigns = db.prepare("SELECT id FROM campaign WHERE id > ? ORDER BY id LIMIT ?");
    const firsts = OF_SESSIONS.map((table) => `SELECT min(session_id) AS id FROM ${table} WHERE session_id > ?1`);
    // A step in an index each, and no walk over all records of a session to come to the next one.
    this.#nextSession = db.prepare(`SELECT min(id) AS id FROM (${firsts.join(" UNION ALL ")})`);
    this.#records = db.prepare(`SELECT ${FIELDS} FROM log WHERE session_id = ? AND pos > ? ORDER BY pos LIMIT ?`);
    this.#positions = db.prepare("SELECT pos FROM log WHERE session_id = ? AND pos > ? ORDER BY pos LIMIT ?");
    this.#record = db.prepare(`SELECT ${FIELDS} FROM log WHERE session_id = ? AND pos = ?`);
    this.#trimmed = db.prepare("SELECT through_pos AS pos FROM trimmed WHERE session_id = ?");
    this.#raiseTrimmed = db.prepare(
      "INSERT INTO trimmed VALUES (?, ?) ON CONFLICT DO UPDATE SET through_pos = max(through_pos, excluded.through_pos)",
    );
    this.#dropRow = db.prepare("DELETE FROM session WHERE session_id = ?");
    this.#integrity = db.prepare("PRAGMA integrity_check");
    this.#foreignKeys = db.prepare("PRAGMA foreign_key_check");
  }

  campaignIds(after: string, limit: number): string[] {
    return this.#campaigns.all(after, limit).map(({ id }) => String(id));
  }

  sessionIds(after: string, limit: number): string[] {
    const ids: string[] = [];
    while (ids.length < limit) {
      const { id } = this.#nextSession.get(ids.at(-1) ?? after)!;
      if (id === null) break;
      ids.push(String(id));
    }
    return ids;
  }

  /** A page of rows as they are; those on a damaged page of the file by their positions. */
  records(sessionId: string, afterPos: number, limit: number): (KeptTexts | LostRow)[] {
    try {
      return pageOf(this.#records.iterate(sessionId, afterPos, limit) as Iterable<unknown> as Iterable<KeptTexts>);
    } catch (error) {
      if (sqliteCode(error) !== SQLITE.CORRUPT) throw error;
      // The index of positions is elsewhere in the file.
      const positions = this.#positions.all(sessionId, afterPos, limit).map(({ pos }) => Number(pos));
      return pageOf(positions.map((pos) => this.#rowAt(sessionId, pos)));
    }
  }

  trimmedThrough(sessionId: string): number {
    return Number(this.#trimmed.get(sessionId)?.pos ?? 0);
  }

  /** Never lowers it. */
  raiseTrimmed(sessionId: string, throughPos: number): void {
    this.#raiseTrimmed.run(sessionId, throughPos);
  }

  /** Removes a session's row. */
  dropRow(sessionId: string): void {
    this.#dropRow.run(sessionId);
  }

  /** SQLite's own words; they name tables and numbers, never values. */
  faults(): string[] {
    const integrity = linesOf(this.#integrity, (row) => String(row.integrity_check)).filter((line) => line !== "ok");
    return [
      ...integrity,
      ...linesOf(this.#foreignKeys, (row) => `a row of ${row.table} whose ${row.parent} is not there`),
    ];
  }

  #rowAt(sessionId: string, pos: number): KeptTexts | LostRow {
    try {
      return this.#record.get(sessionId, pos) as unknown as KeptTexts;
    } catch (error) {
      if (sqliteCode(error) !== SQLITE.CORRUPT) throw error;
      return { pos, damage: `the data file is damaged where the record of ${sessionId} at ${pos} stands` };
    }
  }
}

function pageOf(rows: Iterable<KeptTexts | LostRow>): (KeptTexts | LostRow)[] {
  const page: (KeptTexts | LostRow)[] = [];
  const size = new PageSize();
  for (const row of rows) {
    page.push(row);
    if ("content" in row) size.add(row.content, row.audit);
    if (size.isFull) break;
  }
  return page;
}

/** A check that comes upon a page it cannot read ends there. */
function linesOf(check: StatementSync, lineOf: (row: Record<string, SQLOutputValue>) => string): string[] {
  try {
    return check.all().map(lineOf);
  } catch (error) {
    if (sqliteCode(error) === SQLITE.CORRUPT && error instanceof Error) return [error.message];
    throw error;
  }
}
