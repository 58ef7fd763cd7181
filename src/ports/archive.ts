import type { CommandTrace, LogRecord, RecordBody } from "../core/record.ts";
import type { Invite } from "../core/session.ts";
import type { AccessRows, PersonRow, SessionRow } from "./sessions.ts";

/** One position of a log as it is kept: forgotten content is null, everything else stays for good. */
export interface KeptRecord extends Pick<LogRecord, "pos" | "id" | "epoch" | "at" | "audit"> {
  readonly kind: string;
  readonly body: RecordBody | null;
  readonly traces: readonly CommandTrace[];
}

/** A position that is there and cannot be read; `damage` says why, without content. */
export interface DamagedRecord {
  readonly pos: number;
  readonly damage: string;
}

/** A snapshot as it is kept; one whose parts are not all there is not whole, and is none to `Snapshots`. */
export interface KeptSnapshot {
  readonly pos: number;
  readonly sha256: string;
  readonly isWhole: boolean;
}

/** What is kept of a session's people and invites; `pos` is of the record after which a row holds. */
export interface KeptAccess {
  /** false: a former program noted nothing but look-ups */
  readonly isLearned: boolean;
  readonly people: readonly (PersonRow & { readonly pos: number })[];
  readonly lookups: readonly {
    /** SHA-256 (hex) of the token that leads to it */
    readonly tokenHash: string;
    readonly pos: number;
    /** null: a former program noted nothing of it */
    readonly invite: Invite | null;
  }[];
}

/** Something that belongs to nothing any more, such as the parts of a save that was cut off. */
export interface Leftover {
  /** in words, without content */
  readonly what: string;
  readonly count: number;
}

/**
 * A whole store as it stands, for those who look it over, move it or mend it: doctor, export, import. Nobody needs it
 * to run an evening. All methods may throw `StoreUnavailable`; ids and positions rise from page to page.
 */
export interface Archive {
  campaignIds(after: string, limit: number): Promise<string[]>;
  /** Of everything that is kept of sessions: log, row, snapshots, people, look-ups of invites, lease. */
  sessionIds(after: string, limit: number): Promise<string[]>;
  /**
   * Records after a position, trimmed ones too. A gap is left as it is: the next record has a later position. At most
   * `limit`, and fewer where they are large; an empty page alone says that nothing follows.
   */
  records(sessionId: string, afterPos: number, limit: number): Promise<(KeptRecord | DamagedRecord)[]>;
  /** Up to where content is forgotten; 0: nowhere. */
  trimmedThrough(sessionId: string): Promise<number>;
  /** Newest first, those that are not whole too. */
  snapshots(sessionId: string): Promise<KeptSnapshot[]>;
  /** What is kept of a session's people and invites. */
  access(sessionId: string): Promise<KeptAccess>;
  leftovers(): Promise<Leftover[]>;
  /** What the store finds wrong with itself, in words: a damaged page, an index that is missing. */
  faults(): Promise<string[]>;

  /**
   * Stores records as they were kept elsewhere, after those of the session that stand there; the ones that stand there
   * already, under their ids, are left as they are. Those without body are trimmed ones, of which the log never shows
   * anything. Durable when answered.
   * @throws PositionTaken (nothing of the call is stored), StoreUnavailable also where they would leave a gap
   */
  putRecords(sessionId: string, records: readonly KeptRecord[]): Promise<void>;
  /**
   * Makes the projections of a session these, and no others. For a session that nobody hosts meanwhile: a host may
   * just be writing others.
   * @param row null: it has none
   * @param access all people and invites that it has
   * @param pos of the record after which they hold
   */
  project(sessionId: string, row: SessionRow | null, access: AccessRows, pos: number): Promise<void>;
  dropSnapshot(sessionId: string, pos: number): Promise<void>;
  /** Removes what `leftovers` tells of. */
  dropLeftovers(): Promise<void>;
}
