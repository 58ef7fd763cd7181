import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Status } from "../../core/session.ts";
import { keptSettings } from "../../core/settings.ts";
import type { EndedSession, SessionRow } from "../../ports/sessions.ts";
import type { ListPosition } from "../cursor.ts";

/** Before the newest: where the first page of a list starts. */
export const BEFORE_NEWEST: ListPosition = { createdAt: Number.MAX_SAFE_INTEGER, id: "" };

/** What a row projects, in the order in which it is written. The rest of `session` is the store's own. */
const COLUMNS = [
  "session_id",
  "campaign_id",
  "title",
  "status",
  "max_participants",
  "settings",
  "created_by",
  "created_at",
  "started_at",
  "ended_at",
  "auto_pause",
] as const;

/** Before the first that ended. */
const FIRST_ENDED: EndedSession = { endedAt: Number.MIN_SAFE_INTEGER, sessionId: "" };

/** The statements on `session`, the rows that are projected from the logs. */
export class SessionTable {
  readonly #put: StatementSync;
  readonly #countOf: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #isLearned: StatementSync;
  readonly #unlearned: StatementSync;
  readonly #learned: StatementSync;
  readonly #endedWithContent: StatementSync;
  readonly #contentGone: StatementSync;
  readonly #liveWithAutoPause: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare(
      `INSERT INTO session (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})
       ON CONFLICT (session_id) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`,
    );
    this.#countOf = db.prepare(
      "SELECT count(*) AS n, count(*) FILTER (WHERE status <> 'ended') AS unended FROM session WHERE campaign_id = ?",
    );
    this.#find = db.prepare("SELECT * FROM session WHERE session_id = ?");
    this.#list = db.prepare(
      `SELECT * FROM session
       WHERE campaign_id = :campaign AND (created_at, session_id) < (:createdAt, :id) AND status = ifnull(:status, status)
       ORDER BY created_at DESC, session_id DESC LIMIT :limit`,
    );
    this.#isLearned = db.prepare("SELECT learned FROM session WHERE session_id = ?");
    this.#unlearned = db.prepare(
      "SELECT session_id AS sessionId FROM session WHERE learned = 0 AND session_id > ? ORDER BY session_id LIMIT ?",
    );
    this.#learned = db.prepare("UPDATE session SET learned = 1 WHERE session_id = ?");
    this.#endedWithContent = db.prepare(
      `SELECT session_id AS sessionId, ended_at AS endedAt FROM session
       WHERE content_gone = 0 AND ended_at IS NOT NULL AND ended_at <= :endedBy AND (ended_at, session_id) > (:endedAt, :sessionId)
       ORDER BY ended_at, session_id LIMIT :limit`,
    );
    this.#liveWithAutoPause = db.prepare(
      `SELECT session_id AS sessionId FROM session
       WHERE status = 'live' AND auto_pause > 0 AND session_id > ? ORDER BY session_id LIMIT ?`,
    );
    this.#contentGone = db.prepare("UPDATE session SET content_gone = 1 WHERE session_id = ?");
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
      row.settings.autoPauseWhenNoGm,
    );
  }

  /** How many sessions a campaign has, and how many of them have not ended. */
  countOf(campaignId: string): { readonly all: number; readonly open: number } {
    const counted = this.#countOf.get(campaignId);
    return { all: Number(counted?.n), open: Number(counted?.unended) };
  }

  find(sessionId: string): SessionRow | undefined {
    const found = this.#find.get(sessionId);
    return found === undefined ? undefined : rowOf(found);
  }

  list(campaign: string, status: Status | null, after: ListPosition, limit: number): SessionRow[] {
    const { createdAt, id } = after;
    return this.#list.all({ campaign, status, createdAt, id, limit }).map(rowOf);
  }

  /** Whether people and invites of a session are noted. */
  isLearned(sessionId: string): boolean {
    return this.#isLearned.get(sessionId)?.learned === 1;
  }

  unlearned(after: string, limit: number): string[] {
    return this.#unlearned.all(after, limit).map(({ sessionId }) => String(sessionId));
  }

  /** @returns whether there is such a session */
  learned(sessionId: string): boolean {
    return this.#learned.run(sessionId).changes > 0;
  }

  endedWithContent(endedBy: number, limit: number, after: EndedSession | undefined): EndedSession[] {
    const { endedAt, sessionId } = after ?? FIRST_ENDED;
    return this.#endedWithContent.all({ endedBy, limit, endedAt, sessionId }).map((found) => ({
      sessionId: String(found.sessionId),
      endedAt: Number(found.endedAt),
    }));
  }

  liveWithAutoPause(after: string, limit: number): string[] {
    return this.#liveWithAutoPause.all(after, limit).map(({ sessionId }) => String(sessionId));
  }

  contentGone(sessionId: string): void {
    this.#contentGone.run(sessionId);
  }
}

function rowOf(found: Record<string, SQLOutputValue>): SessionRow {
  return {
    sessionId: String(found.session_id),
    campaignId: String(found.campaign_id),
    title: String(found.title),
    status: String(found.status) as Status,
    maxParticipants: Number(found.max_participants),
    settings: keptSettings(JSON.parse(String(found.settings))),
    createdBy: String(found.created_by),
    createdAt: Number(found.created_at),
    startedAt: found.started_at as number | null,
    endedAt: found.ended_at as number | null,
  };
}
