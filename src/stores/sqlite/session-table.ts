import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Status } from "../../core/session.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { ListPosition } from "../cursor.ts";

/** Before the newest: where the first page of a list starts. */
export const BEFORE_NEWEST: ListPosition = { createdAt: Number.MAX_SAFE_INTEGER, id: "" };

/** The statements on `session` and `invite`, the projections of the log. */
export class SessionTable {
  readonly #put: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #putInvite: StatementSync;
  readonly #findInvite: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#find = db.prepare("SELECT * FROM session WHERE session_id = ?");
    this.#list = db.prepare(
      `SELECT * FROM session
       WHERE campaign_id = :campaign AND (created_at, session_id) < (:createdAt, :id) AND status = ifnull(:status, status)
       ORDER BY created_at DESC, session_id DESC LIMIT :limit`,
    );
    this.#putInvite = db.prepare("INSERT OR REPLACE INTO invite VALUES (?, ?)");
    this.#findInvite = db.prepare("SELECT session_id FROM invite WHERE token_hash = ?");
  }

  put(row: SessionRow): void {
    this.#put.run(
      row.sessionId,
      row.campaignId,
      row.title,
      row.status,
      row.maxParticipants,
      JSON.stringify(row.settings),
      row.createdBy,
      row.createdAt,
      row.startedAt,
      row.endedAt,
    );
  }

  find(sessionId: string): SessionRow | undefined {
    const found = this.#find.get(sessionId);
    return found === undefined ? undefined : rowOf(found);
  }

  list(campaign: string, status: Status | null, after: ListPosition, limit: number): SessionRow[] {
    const { createdAt, id } = after;
    return this.#list.all({ campaign, status, createdAt, id, limit }).map(rowOf);
  }

  putInvite(tokenHash: string, sessionId: string): void {
    this.#putInvite.run(tokenHash, sessionId);
  }

  findByInvite(tokenHash: string): string | undefined {
    return this.#findInvite.get(tokenHash)?.session_id as string | undefined;
  }
}

function rowOf(found: Record<string, SQLOutputValue>): SessionRow {
  return {
    sessionId: String(found.session_id),
    campaignId: String(found.campaign_id),
    title: String(found.title),
    status: String(found.status) as Status,
    maxParticipants: Number(found.max_participants),
    settings: JSON.parse(String(found.settings)),
    createdBy: String(found.created_by),
    createdAt: Number(found.created_at),
    startedAt: found.started_at as number | null,
    endedAt: found.ended_at as number | null,
  };
}
