import type { AuditEvent, CommandTrace, LogRecord } from "../core/record.ts";
import type { AccessRows, SessionRow } from "./sessions.ts";

/** What is projected from the log, stored with the record that changed it. */
export interface Projection {
  /** the session's row for lists, where it changed */
  readonly row?: SessionRow;
  /** the rows of people and invites that changed; an invite's token leads to this session from now on */
  readonly access?: AccessRows;
  /** whether these are all that the session has: its people and invites are known from now on. Goes with a row. */
  readonly isWhole?: boolean;
}

/**
 * A session's log: the truth. One writer per session, which numbers its records.
 *
 * Guarantees of every implementation (rules L1 to L9 of docs/spec.md):
 * - a call to `append` stores all its records or none, and answers only when they survive SIGKILL and power loss;
 * - a position is never given twice: an `append` that meets another record at one of its positions is `PositionTaken`;
 * - an `append` whose records all stand there already, under the same ids, succeeds and changes nothing;
 * - records of one session are read in the order of `pos`, and an append that was answered is read at once.
 */
export interface SessionLog {
  /**
   * Stores records with consecutive positions of one session.
   * @throws PositionTaken | StoreUnavailable | OutcomeUnknown
   */
  append(records: readonly LogRecord[], projection?: Projection): Promise<void>;

  /**
   * Records after a position, whole, by rising `pos`. Trimmed ones are not among them. At most `limit`, and fewer where
   * they are large: a page ends with the record with which it comes to 4 MiB. An empty page alone says that nothing follows.
   */
  read(sessionId: string, afterPos: number, limit: number): Promise<LogRecord[]>;

  /** The position of the last record, 0 where there is none. Cheap. */
  end(sessionId: string): Promise<number>;

  /** Forgets the content of the records up to and with a position; their audit events and traces stay. */
  trim(sessionId: string, throughPos: number): Promise<void>;

  /** Audit events after number `n`, by rising `n`, trimmed records' included. */
  events(sessionId: string, afterN: number, limit: number): Promise<AuditEvent[]>;

  /** Traces of commands after a seq, by rising `seq`, trimmed records' included. */
  commands(sessionId: string, afterSeq: number, limit: number): Promise<CommandTrace[]>;
}
