import { setTimeout } from "node:timers/promises";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import { type Admission, type AppendCall, admit, follow, type Standing } from "./admission.ts";
import { reasonOf, wasNotDone, within } from "./answer.ts";
import type { Database } from "./database.ts";
import { barrier, DURABLE } from "./durable.ts";
import { type Outcome, outcomesOf } from "./insert-reply.ts";
import { KnownEnds } from "./known-ends.ts";
import { documentOf } from "./log-document.ts";
import type { LogTable } from "./log-table.ts";
import type { LogDocument } from "./models.ts";
import { Parts } from "./parts.ts";
import type { MongoSessions } from "./sessions.ts";
import { storable, textUnits } from "./storable.ts";

/** What waits for one session, in the order of the calls. */
export interface SessionCalls {
  readonly sessionId: string;
  readonly calls: readonly AppendCall[];
}

interface Round extends SessionCalls {
  readonly admission: Admission;
  readonly document: LogDocument | undefined;
}

/** What one insert command carries, one large document apart. */
const COMMAND_BYTES = 8 * 1024 * 1024;

/** Between two looks at a log that is not settled. */
const LONGEST_PAUSE_MS = 64;

/**
 * Stores appends of several sessions with one insert: a document per session, so that each session's calls are stored or
 * not by themselves. Why this keeps what the log promises: docs/decisions/0007-mongo-log.md.
 */
export class Appender {
  readonly #database: Database;
  readonly #table: LogTable;
  readonly #sessions: MongoSessions;
  readonly #parts: Parts;
  readonly #ends = new KnownEnds();

  constructor(database: Database, table: LogTable, sessions: MongoSessions) {
    this.#database = database;
    this.#table = table;
    this.#sessions = sessions;
    this.#parts = new Parts(database.models.logParts);
  }

  /**
   * Answers every call. A session stands there once, and in no other `store` under way. Never rejects.
   * @param deadline on the scale of `performance.now()`
   */
  async store(waiting: readonly SessionCalls[], deadline: number): Promise<void> {
    let open = await this.#round(waiting, deadline, false);
    for (let tries = 0; open.length > 0 && performance.now() < deadline; tries++) {
      // Who loses the race again may be waiting for a majority, which asking does not bring any sooner.
      if (tries > 0) await setTimeout(Math.min(2 ** tries, LONGEST_PAUSE_MS));
      open = await this.#round(open, deadline, true);
    }
    // Each insert met a record that no read shows: another process is faster each time, or the identical record of an
    // earlier call is not held by a majority yet.
    for (const { calls } of open) fail(calls, new OutcomeUnknown("what stands in this log is not settled yet"));
  }

  /** @returns the sessions in whose log another record came first: what they wait for is to be judged anew */
  async #round(
    waiting: readonly SessionCalls[],
    deadline: number,
    isContended: boolean,
  ): Promise<readonly SessionCalls[]> {
    const prepared = await Promise.all(waiting.map((session) => this.#prepare(session, deadline, isContended)));
    const rounds = prepared.filter((round) => round !== undefined);
    const outcomes = await this.#insertAll(rounds, deadline);
    const barrier = await this.#barrierFor(rounds, outcomes, deadline);
    const settled = rounds.map((round) => this.#settle(round, outcomes.get(round), barrier, deadline));
    return (await Promise.all(settled)).filter((session) => session !== undefined);
  }

  /** Finds out what is to be stored, and stores what has to be there before it. */
  async #prepare(session: SessionCalls, deadline: number, isContended: boolean): Promise<Round | undefined> {
    const { sessionId, calls } = session;
    try {
      const admission = admit(calls, await this.#standing(session, deadline, isContended));
      for (const { call, error } of admission.refused) call.failed(error);
      const { fresh } = admission;
      if (fresh.length === 0) return { sessionId, calls, admission, document: undefined };
      const document = await storable(documentOf(fresh), this.#parts);
      return { sessionId, calls, admission, document };
    } catch (error) {
      // The document was not sent: whatever else is in doubt, it is not there.
      fail(calls, new StoreUnavailable(reasonOf(error)));
      return undefined;
    }
  }

  async #standing({ sessionId, calls }: SessionCalls, deadline: number, isContended: boolean): Promise<Standing> {
    const end = this.#ends.of(sessionId);
    if (!isContended && follow(end, calls)) return { end, ids: new Map() };
    const positions = calls.flatMap(({ records }) => [records[0]!.pos, records.at(-1)!.pos]);
    const named = [Math.min(...positions), Math.max(...positions)] as const;
    const standing = await within(left(deadline), this.#table.standing(sessionId, ...named));
    this.#ends.reach(sessionId, standing.end);
    return standing;
  }

  async #insertAll(rounds: readonly Round[], deadline: number): Promise<Map<Round, Outcome>> {
    const outcomes = new Map<Round, Outcome>();
    let chunk: Round[] = [];
    let bytes = 0;
    const flush = async () => {
      const documents = chunk.map(({ document }) => document!);
      for (const [i, outcome] of (await this.#insert(documents, deadline)).entries()) outcomes.set(chunk[i]!, outcome);
      [chunk, bytes] = [[], 0];
    };
    for (const round of rounds) {
      if (round.document === undefined) continue;
      const size = textUnits(round.document) * 3;
      if (chunk.length > 0 && bytes + size > COMMAND_BYTES) await flush();
      chunk.push(round);
      bytes += size;
    }
    if (chunk.length > 0) await flush();
    return outcomes;
  }

  /** Unordered: each document stands for itself. The bare command, for its answer tells document by document. */
  async #insert(documents: readonly LogDocument[], deadline: number): Promise<Outcome[]> {
    const { connection, models } = this.#database;
    const all = (outcome: Outcome) => documents.map(() => outcome);
    if (left(deadline) <= 0) return all(new StoreUnavailable("there was no time left to ask the database"));
    try {
      const command = { insert: models.log.collection.name, documents, ordered: false, writeConcern: DURABLE };
      return outcomesOf(await within(left(deadline), connection.db!.command(command)), documents.length);
    } catch (error) {
      return all(wasNotDone(error) ? new StoreUnavailable(reasonOf(error)) : new OutcomeUnknown(reasonOf(error)));
    }
  }

  /**
   * What was read need not be durable yet: its own append may have had no answer.
   * @returns what is wrong, undefined where all that was read is durable
   */
  async #barrierFor(
    rounds: readonly Round[],
    outcomes: ReadonlyMap<Round, Outcome>,
    deadline: number,
  ): Promise<Error | undefined> {
    const isNeeded = rounds.some(({ admission }) => admission.standing.length > 0);
    if (!isNeeded || [...outcomes.values()].includes("stored")) return undefined;
    try {
      await barrier(this.#database.models, left(deadline));
      return undefined;
    } catch (error) {
      return new OutcomeUnknown(reasonOf(error));
    }
  }

  async #settle(
    { sessionId, admission: { standing, joined }, document }: Round,
    outcome: Outcome | undefined,
    barrier: Error | undefined,
    deadline: number,
  ): Promise<SessionCalls | undefined> {
    if (barrier !== undefined) fail(standing, barrier);
    else await this.#project(sessionId, standing, deadline);
    if (outcome === undefined) return undefined;
    if (outcome === "stored") {
      this.#ends.reach(sessionId, document!.lastPos);
      await this.#project(sessionId, joined, deadline);
      return undefined;
    }
    if (outcome !== "duplicate") fail(joined, outcome);
    if (!(outcome instanceof OutcomeUnknown)) await this.#takeBack(document!);
    return outcome === "duplicate" ? { sessionId, calls: joined } : undefined;
  }

  /** Stores what follows from stored calls, and answers them. */
  async #project(sessionId: string, calls: readonly AppendCall[], deadline: number): Promise<void> {
    for (const { records, projection, stored, failed } of calls) {
      try {
        const { row, access } = projection;
        if (row !== undefined || access !== undefined) {
          await within(left(deadline), this.#sessions.project(projection, sessionId, records.at(-1)!.pos));
        }
        stored();
      } catch (error) {
        // The records are there: the identical call finds them, and projects them.
        failed(new OutcomeUnknown(reasonOf(error)));
      }
    }
  }

  /** Removes what was written ahead of a document that was not stored. */
  async #takeBack({ _id, parts = 0 }: LogDocument): Promise<void> {
    try {
      await this.#parts.drop(_id.toHexString(), parts);
    } catch {
      // Harmless where it stays: parts that no document names.
    }
  }
}

function fail(calls: readonly AppendCall[], error: Error): void {
  for (const { failed } of calls) failed(error);
}

function left(deadline: number): number {
  return deadline - performance.now();
}
