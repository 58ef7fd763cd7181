import type { LogRecord } from "../core/record.ts";
import type { RefusalCode } from "../core/refusal.ts";

/**
 * Told what happened in running sessions, for whoever keeps a log. Records hold content: what is made of them must not.
 * Called on the way of every command, so it has to be cheap, and never throws.
 */
export interface LiveFacts {
  /** a record is durable */
  recorded(record: LogRecord): void;
  /** @param commandId the client's, undefined where it sent none that is usable */
  refused(sessionId: string, userId: string, commandId: string | undefined, code: RefusalCode): void;
  snapshotSaved(sessionId: string, pos: number, milliseconds: number): void;
  /** another process hosts this session now */
  fenced(sessionId: string, epoch: number): void;
}
