import type { DatabaseSync } from "node:sqlite";
import { CannotOpenData } from "../open-error.ts";

/**
 * The upgrades of the schema, oldest first: number i brings a file of `user_version` i to i + 1. Files written by a
 * released program exist, so a released step is never edited; a change is a new step.
 */
const UPGRADES: readonly string[] = [
  `
  -- The truth: each record once. Content goes at a trim; the audit events and traces stay.
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

  -- Up to where a log is trimmed, so that neither a read nor the next trim walks over what is gone.
  CREATE TABLE trimmed (session_id TEXT PRIMARY KEY, through_pos INTEGER NOT NULL) WITHOUT ROWID;

  -- Projections of the log.
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

  -- A snapshot exists from the moment its header does; the parts are written before it.
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

  -- One row, rewritten to find out whether the disk still takes writes.
  CREATE TABLE health (only INTEGER PRIMARY KEY CHECK (only = 1), checks INTEGER NOT NULL);
  INSERT INTO health VALUES (1, 0);
  `,
  `
  -- When each life of the server was last known to be there, in ms since 1970.
  CREATE TABLE heartbeat (process_id TEXT PRIMARY KEY, beat_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  -- Over a record as it is stored (stores/stored-record.ts); what was written before has none.
  ALTER TABLE log ADD COLUMN crc32 INTEGER;
  `,
  `
  -- From a session to its look-ups, for those who look over the whole file.
  CREATE INDEX invite_of ON invite (session_id);
  `,
  `
  -- Whether nothing of an ended session's content is stored any more.
  ALTER TABLE session ADD COLUMN content_gone INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX session_with_content ON session (ended_at, session_id) WHERE content_gone = 0 AND ended_at IS NOT NULL;

  -- Programs before this step freed pages without overwriting them: each is written over once, with zeros.
  CREATE TABLE scrub (zeros BLOB);
  WITH RECURSIVE
    free AS MATERIALIZED (SELECT freelist_count AS pages FROM pragma_freelist_count),
    piece (n) AS (SELECT 1 FROM free WHERE pages > 0 UNION ALL SELECT n + 1 FROM piece, free WHERE n * 255 < pages)
  INSERT INTO scrub SELECT zeroblob(255 * page_size) FROM piece, pragma_page_size;
  DROP TABLE scrub;
  `,
  `
  -- \`autoPauseWhenNoGm\` out of the settings, so that live sessions with it are found at once. Settings that cannot be read have none.
  ALTER TABLE session ADD COLUMN auto_pause INTEGER NOT NULL DEFAULT 0;
  UPDATE session SET auto_pause = ifnull(json_extract(settings, '$.autoPauseWhenNoGm'), 0) WHERE json_valid(settings);
  CREATE INDEX session_auto_pausing ON session (session_id) WHERE status = 'live' AND auto_pause > 0;
  `,
  `
  -- Who may come in, projected from the log. \`pos\`: of the record after which a row holds. Sessions of before this step have
  -- nothing of it yet but look-ups: \`learned\` says so, and the running server makes up for it.
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
  -- Members who were taken out, each by which of the campaign's removals: invites that are older admit them no more.
  ALTER TABLE campaign ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE former_member (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    user_id TEXT NOT NULL,
    removal INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, user_id)
  ) WITHOUT ROWID;
  `,
  `
  -- Tickets for streams, by SHA-256: a browser comes back by the same one, also after a restart.
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
  `
  -- Whose campaigns are counted; of those that stood before this step nobody knows.
  ALTER TABLE campaign ADD COLUMN created_by TEXT;
  CREATE INDEX campaign_of ON campaign (created_by) WHERE created_by IS NOT NULL;
  `,
];

/** What this program writes, as `PRAGMA user_version`. */
export const SCHEMA_VERSION = UPGRADES.length;

/**
 * Brings a file to the newest schema, each step whole or not at all.
 * @throws CannotOpenData where a newer program wrote it
 */
export function bringUpToDate(db: DatabaseSync): void {
  const version = versionOf(db);
  for (let step = version; step < SCHEMA_VERSION; step++) {
    db.exec(`BEGIN IMMEDIATE; ${UPGRADES[step]}; PRAGMA user_version = ${step + 1}; COMMIT`);
  }
}

/**
 * For whoever may not write: the file is of the newest schema.
 * @throws CannotOpenData where it is not
 */
export function checkIsUpToDate(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version === SCHEMA_VERSION) return;
  throw new CannotOpenData(
    version === 0
      ? "the data folder holds no data of this program"
      : `the data folder was written by an older version of this program (schema ${version}; this one's is ${SCHEMA_VERSION}): start the server once, which brings it up to date`,
  );
}

/** @throws CannotOpenData where a newer program wrote the file */
function versionOf(db: DatabaseSync): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (version <= SCHEMA_VERSION) return version;
  throw new CannotOpenData(
    `the data folder was written by a newer version of this program (schema ${version}; this one knows ${SCHEMA_VERSION})`,
  );
}
