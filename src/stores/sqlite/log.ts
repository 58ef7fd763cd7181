import type { AuditEvent, CommandTrace, LogRecord } from "../../core/record.ts";
import { OutcomeUnknown } from "../../ports/failures.ts";
import type { Projection, SessionLog } from "../../ports/log.ts";
import { sessionOfAppend } from "../append-call.ts";
import { parsed, recordOf } from "../stored-record.ts";
import { errorOf, type FileAccess } from "./file-access.ts";
import type { AppendJob } from "./operations.ts";

interface Waiting {
  readonly job: AppendJob;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A bound on how long one commit can get. */
const JOBS_PER_COMMIT = 1024;

/**
 * Session logs in SQLite, with group commit: appends that arrive in one turn of the event loop, or while a commit is
 * under way, share the next transaction, across all sessions. No timer: an append into an idle store starts at once.
 */
export class SqliteLog implements SessionLog {
  readonly #file: FileAccess;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async append(records: readonly LogRecord[], projection: Projection = {}): Promise<void> {
    const sessionId = sessionOfAppend(records);
    const job = { sessionId, records, projection };
    const stored = new Promise<void>((resolve, reject) => this.#waiting.push({ job, resolve, reject }));
    this.#committing ??= this.#commitAll();
    await stored;
  }

  async read(sessionId: string, afterPos: number, limit: number): Promise<LogRecord[]> {
    const rows = await this.#file.call("readRecords", sessionId, afterPos, limit);
    return rows.map(recordOf);
  }

  async end(sessionId: string): Promise<number> {
    return this.#file.call("logEnd", sessionId);
  }

  async trim(sessionId: string, throughPos: number): Promise<void> {
    while (await this.#file.call("trimSome", sessionId, throughPos)) {
      // Step by step, so that commits get their turn in between.
    }
  }

  async events(sessionId: string, afterN: number, limit: number): Promise<AuditEvent[]> {
    const texts = await this.#file.call("events", sessionId, afterN, limit);
    const events = texts.flatMap((text) => parsed<AuditEvent[]>(text, `the audit trail of ${sessionId}`));
    return events.filter((event) => event.n > afterN).slice(0, limit);
  }

  async commands(sessionId: string, afterSeq: number, limit: number): Promise<CommandTrace[]> {
    const texts = await this.#file.call("traces", sessionId, afterSeq, limit);
    const traces = texts.flatMap((text) => parsed<CommandTrace[]>(text, `the list of commands of ${sessionId}`));
    return traces.filter((trace) => trace.seq > afterSeq).slice(0, limit);
  }

  /** Resolves when no append is under way. */
  async idle(): Promise<void> {
    await this.#committing;
  }

  /** Commits until nothing waits. Never rejects: each append is told its own outcome. */
  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whatever else arrives in this turn of the loop comes along.
      await new Promise(setImmediate);
      const batch = this.#waiting.splice(0, JOBS_PER_COMMIT);
      try {
        const failures = await this.#file.call(
          "append",
          batch.map(({ job }) => job),
        );
        for (const [i, { resolve, reject }] of batch.entries()) {
          const failure = failures[i];
          if (failure === null) resolve();
          else reject(failure === undefined ? new OutcomeUnknown("no outcome was given") : errorOf(failure));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error instanceof Error ? error : new OutcomeUnknown(String(error)));
      }
    }
    this.#committing = undefined;
  }
}
