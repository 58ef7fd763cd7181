import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeptTicket, TicketHolder } from "../../ports/stream-tickets.ts";
import { parsed } from "../stored-record.ts";

/** The statements on `stream_ticket`. */
export class TicketTable {
  readonly #forget: StatementSync;
  readonly #put: StatementSync;
  readonly #find: StatementSync;
  readonly #opened: StatementSync;
  readonly #closed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#forget = db.prepare(
      "DELETE FROM stream_ticket WHERE expires_at <= :now OR (open_in IS NULL AND good_until <= :now)",
    );
    this.#put = db.prepare("INSERT INTO stream_ticket VALUES (?, ?, ?, ?, ?, NULL, 0)");
    this.#find = db.prepare("SELECT * FROM stream_ticket WHERE hash = ?");
    this.#opened = db.prepare("UPDATE stream_ticket SET open_in = ?, uses = uses + 1 WHERE hash = ? RETURNING uses");
    this.#closed = db.prepare("UPDATE stream_ticket SET open_in = NULL, good_until = ? WHERE hash = ? AND uses = ?");
  }

  put({ hash, sessionId, holder, goodUntil }: Omit<KeptTicket, "openIn" | "uses">, now: number): void {
    this.#forget.run({ now });
    this.#put.run(hash, sessionId, JSON.stringify(holder), holder.expiresAt, goodUntil);
  }

  find(hash: string): KeptTicket | undefined {
    const row = this.#find.get(hash);
    if (row === undefined) return undefined;
    return {
      hash,
      sessionId: String(row.session_id),
      holder: parsed<TicketHolder>(String(row.holder), "what is noted of a ticket"),
      goodUntil: Number(row.good_until),
      openIn: row.open_in === null ? null : String(row.open_in),
      uses: Number(row.uses),
    };
  }

  opened(hash: string, processId: string): number | undefined {
    const row = this.#opened.get(processId, hash);
    return row === undefined ? undefined : Number(row.uses);
  }

  closed(hash: string, use: number, goodUntil: number): void {
    this.#closed.run(goodUntil, hash, use);
  }
}
