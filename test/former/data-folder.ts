import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Format, RECORDS, SESSION, SNAPSHOTS, TOKEN_HASH } from "./evening.ts";

/** What each program's schema brought, word for word: on purpose no import of today's. */
const SCHEMAS: readonly string[] = [
  `
  CREATE TABLE log (
    session_id TEXT NOT NULL,
    pos INTEGER NOT NULL,
    id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT,
    audit TEXT,
    traces TEXT,
    first_n INTEGER,
    last_n INTEGER,
    first_seq INTEGER,
    last_seq INTEGER,
    PRIMARY KEY (session_id, pos)
  );
  CREATE INDEX log_events ON log (session_id, last_n) WHERE last_n IS NOT NULL;
  CREATE INDEX log_commands ON log (session_id, last_seq) WHERE last_seq IS NOT NULL;
  CREATE TABLE trimmed (session_id TEXT PRIMARY KEY, through_pos INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE session (
    session_id TEXT PRIMARY KEY,
    campaign_id TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    max_participants INTEGER NOT NULL,
    settings TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER
  );
  CREATE INDEX session_newest ON session (campaign_id, created_at DESC, session_id DESC);
  CREATE TABLE invite (token_hash TEXT PRIMARY KEY, session_id TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE snapshot (
    session_id TEXT NOT NULL,
    pos INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    save_id TEXT NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (session_id, pos)
  );
  CREATE TABLE snapshot_part (
    save_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (save_id, n)
  );
  CREATE TABLE campaign (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL);
  CREATE TABLE member (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    user_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    name TEXT,
    role TEXT NOT NULL,
    PRIMARY KEY (campaign_id, user_id)
  );
  CREATE INDEX member_of ON member (user_id, campaign_id);
  CREATE TABLE health (only INTEGER PRIMARY KEY CHECK (only = 1), checks INTEGER NOT NULL);
  INSERT INTO health VALUES (1, 0);
  `,
  `
  CREATE TABLE heartbeat (process_id TEXT PRIMARY KEY, beat_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  ALTER TABLE log ADD COLUMN crc32 INTEGER;
  `,
  `
  CREATE INDEX invite_of ON invite (session_id);
  `,
  `
  ALTER TABLE session ADD COLUMN content_gone INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX session_with_content ON session (ended_at, session_id) WHERE content_gone = 0 AND ended_at IS NOT NULL;
  CREATE TABLE scrub (zeros BLOB);
  WITH RECURSIVE
    free AS MATERIALIZED (SELECT freelist_count AS pages FROM pragma_freelist_count),
    piece (n) AS (SELECT 1 FROM free WHERE pages > 0 UNION ALL SELECT n + 1 FROM piece, free WHERE n * 255 < pages)
  INSERT INTO scrub SELECT zeroblob(255 * page_size) FROM piece, pragma_page_size;
  DROP TABLE scrub;
  `,
  `
  ALTER TABLE session ADD COLUMN auto_pause INTEGER NOT NULL DEFAULT 0;
  UPDATE session SET auto_pause = ifnull(json_extract(settings, '$.autoPauseWhenNoGm'), 0) WHERE json_valid(settings);
  CREATE INDEX session_auto_pausing ON session (session_id) WHERE status = 'live' AND auto_pause > 0;
  `,
  `
  CREATE TABLE person (
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    pos INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (session_id, user_id)
  ) WITHOUT ROWID;
  ALTER TABLE invite ADD COLUMN id TEXT;
  ALTER TABLE invite ADD COLUMN pos INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE invite ADD COLUMN invite TEXT;
  DROP INDEX invite_of;
  CREATE INDEX invite_of ON invite (session_id, id);
  ALTER TABLE session ADD COLUMN learned INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX session_unlearned ON session (session_id) WHERE learned = 0;
  `,
  `
  ALTER TABLE campaign ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE former_member (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    user_id TEXT NOT NULL,
    removal INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, user_id)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE stream_ticket (
    hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    good_until INTEGER NOT NULL,
    open_in TEXT,
    uses INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
];

/** Every schema in which there may be a file. */
export const FORMER_SCHEMAS = SCHEMAS.map((_, i) => i + 1);

/** What a file holds. */
export interface FormerFile {
  readonly schema: number;
  /** of its records and snapshots */
  readonly format: Format;
  /** 0: the log is whole */
  readonly trimmedThrough?: number;
}

/** An empty file of a former schema. The caller closes it. */
export async function formerFile(folder: string, schema: number): Promise<DatabaseSync> {
  await mkdir(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, "campaign-live-sessions.sqlite"));
  db.exec("PRAGMA journal_mode = WAL");
  for (const step of SCHEMAS.slice(0, schema)) db.exec(step);
  db.exec(`PRAGMA user_version = ${schema}`);
  return db;
}

/** Writes the evening into a data folder as a former program left it. */
export async function writeFormerFolder(folder: string, file: FormerFile): Promise<void> {
  const db = await formerFile(folder, file.schema);
  writeLog(db, file);
  for (const [i, { pos, text, sha256 }] of SNAPSHOTS.entries()) {
    // In two parts: the size of a part was never more than a matter of taste.
    const bytes = Buffer.from(text[file.format], "utf8");
    const parts = [bytes.subarray(0, 700), bytes.subarray(700)];
    for (const [n, part] of parts.entries())
      db.prepare("INSERT INTO snapshot_part VALUES (?, ?, ?)").run(`save-${i}`, n, part);
    db.prepare("INSERT INTO snapshot VALUES (?, ?, ?, ?, 2)").run(SESSION, pos, sha256[file.format], `save-${i}`);
  }
  db.exec(`
    INSERT INTO session VALUES ('${SESSION}', 'campaign', 'The Sunless Citadel, level 2', 'paused', 8,
      '{"reconnectWindow":60,"idleAfter":300,"snapshotEvery":30,"activityTimeout":5,"autoPauseWhenNoGm":0,"connectionsPerParticipant":3}',
      'gm', 1700000060000, 1700000180000, NULL${file.schema >= 5 ? ", 0" : ""}${file.schema >= 6 ? ", 0" : ""}${file.schema >= 7 ? ", 0" : ""});
    INSERT INTO invite (token_hash, session_id) VALUES ('${TOKEN_HASH}', '${SESSION}');
    INSERT INTO campaign (id, name, created_at) VALUES ('campaign', 'Campaign', 1700000000000);
    INSERT INTO member VALUES ('campaign', 'gm', 1, 'Gail', 'gm'), ('campaign', 'kim', 2, NULL, 'player');
  `);
  if (file.schema >= 2) db.exec("INSERT INTO heartbeat VALUES ('former-life', 1700000750000)");
  db.close();
}

function writeLog(db: DatabaseSync, { schema, format, trimmedThrough = 0 }: FormerFile): void {
  const hasChecksum = schema >= 3;
  const insert = db.prepare(
    `INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?${hasChecksum ? ", ?" : ""})`,
  );
  for (const { pos, id, epoch, at, kind, content, audit, traces, numbers, crc32 } of RECORDS) {
    const kept = pos > trimmedThrough ? content[format] : null;
    const checksum = hasChecksum ? [crc32[format]] : [];
    insert.run(SESSION, pos, id, epoch, at, kind, kept, audit, traces, ...numbers, ...checksum);
  }
  if (trimmedThrough > 0) db.prepare("INSERT INTO trimmed VALUES (?, ?)").run(SESSION, trimmedThrough);
}
