import type { AuditEvent, CommandTrace, LogRecord } from "../../core/record.ts";
import { StoreUnavailable } from "../../ports/failures.ts";
import type { Projection, SessionLog } from "../../ports/log.ts";
import { sessionOfAppend } from "../append-call.ts";
import type { AppendCall } from "./admission.ts";
import { ANSWER_WITHIN_MS } from "./answer.ts";
import { Appender, type SessionCalls } from "./appender.ts";
import type { Database } from "./database.ts";
import { LogTable } from "./log-table.ts";
import type { MongoSessions } from "./sessions.ts";

interface Waiting extends AppendCall {
  /** `performance.now()` at the call */
  readonly since: number;
}

interface Ready extends SessionCalls {
  readonly calls: readonly Waiting[];
}

/** Insert commands under way at once. One alone would make each append wait for the whole round trip before its own. */
const LANES = 4;
const SESSIONS_PER_COMMIT = 256;
const CALLS_PER_SESSION = 256;
/** Who waited so long for their turn is told so: they were not sent, and can be sure of it. */
const TURN_WITHIN_MS = 1_500;

/**
 * Session logs in MongoDB, with group commit: appends that arrive in one turn of the event loop, or while no insert can
 * start, share the next, across sessions; those of one session share a document. Of a session at most one insert is
 * under way, so that its appends take effect in their order. No timer: an append into an idle store starts at once.
 */
export class MongoLog implements SessionLog {
  readonly #table: LogTable;
  readonly #appender: Appender;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #underWay = new Set<string>();
  readonly #lanes = new Set<Promise<void>>();
  #isScheduled = false;
  #isClosed = false;

  constructor(database: Database, sessions: MongoSessions) {
    this.#table = new LogTable(database.models);
    this.#appender = new Appender(database, this.#table, sessions);
  }

  async append(records: readonly LogRecord[], projection: Projection = {}): Promise<void> {
    const sessionId = sessionOfAppend(records);
    if (this.#isClosed) throw new StoreUnavailable("the store is closed");
    await new Promise<void>((stored, failed) => {
      const calls = this.#waiting.get(sessionId) ?? [];
      this.#waiting.set(sessionId, calls);
      calls.push({ records, projection, stored, failed, since: performance.now() });
      this.#schedule();
    });
  }

  read(sessionId: string, afterPos: number, limit: number): Promise<LogRecord[]> {
    return this.#table.read(sessionId, afterPos, limit);
  }

  end(sessionId: string): Promise<number> {
    return this.#table.end(sessionId);
  }

  trim(sessionId: string, throughPos: number): Promise<void> {
    return this.#table.trim(sessionId, throughPos);
  }

  events(sessionId: string, afterN: number, limit: number): Promise<AuditEvent[]> {
    return this.#table.events(sessionId, afterN, limit);
  }

  commands(sessionId: string, afterSeq: number, limit: number): Promise<CommandTrace[]> {
    return this.#table.commands(sessionId, afterSeq, limit);
  }

  /** Takes no more appends. Resolves when those that came before are answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.size > 0 || this.#lanes.size > 0) {
      await Promise.race([...this.#lanes, new Promise(setImmediate)]);
      if (this.#lanes.size > 0) await Promise.race(this.#lanes);
    }
  }

  /** Whatever else arrives in this turn of the loop comes along. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#lanes.size < LANES) {
      const batch = this.#takeReady();
      if (batch.length === 0) return;
      const since = Math.min(...batch.map(({ calls }) => calls[0]!.since));
      const lane = this.#appender.store(batch, since + ANSWER_WITHIN_MS).then(() => {
        for (const { sessionId } of batch) this.#underWay.delete(sessionId);
        this.#lanes.delete(lane);
        if (this.#waiting.size > 0) this.#schedule();
      });
      this.#lanes.add(lane);
    }
  }

  #takeReady(): Ready[] {
    const ready: Ready[] = [];
    const tooLate = performance.now() - TURN_WITHIN_MS;
    for (const [sessionId, waiting] of this.#waiting) {
      if (ready.length === SESSIONS_PER_COMMIT) break;
      if (this.#underWay.has(sessionId)) continue;
      const taken = waiting.splice(0, CALLS_PER_SESSION);
      if (waiting.length === 0) this.#waiting.delete(sessionId);
      for (const { since, failed } of taken) {
        if (since < tooLate) failed(new StoreUnavailable("the database is too slow"));
      }
      const calls = taken.filter(({ since }) => since >= tooLate);
      if (calls.length === 0) continue;
      this.#underWay.add(sessionId);
      ready.push({ sessionId, calls });
    }
    return ready;
  }
}
