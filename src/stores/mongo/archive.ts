import type { Model } from "mongoose";
import type { Archive, DamagedRecord, KeptAccess, KeptRecord, KeptSnapshot, Leftover } from "../../ports/archive.ts";
import type { AccessRows, SessionRow } from "../../ports/sessions.ts";
import { checkPositions } from "../append-call.ts";
import { reading } from "./answer.ts";
import { missingIndexes } from "./database.ts";
import { KeptLog } from "./kept-log.ts";
import { LogTable } from "./log-table.ts";
import type { Models } from "./models.ts";
import type { MongoSessions } from "./sessions.ts";
import type { MongoSnapshots } from "./snapshots.ts";
import { StrayParts } from "./stray-parts.ts";

const SESSIONS = 100;

/** The database as a whole. */
export class MongoArchive implements Archive {
  readonly #models: Models;
  readonly #table: LogTable;
  readonly #log: KeptLog;
  readonly #sessions: MongoSessions;
  readonly #snapshots: MongoSnapshots;
  readonly #stray: StrayParts;

  constructor(models: Models, sessions: MongoSessions, snapshots: MongoSnapshots) {
    this.#models = models;
    this.#table = new LogTable(models);
    this.#log = new KeptLog(models, this.#table);
    this.#sessions = sessions;
    this.#snapshots = snapshots;
    this.#stray = new StrayParts(models);
  }

  async campaignIds(after: string, limit: number): Promise<string[]> {
    const query = this.#models.campaigns.find({ _id: { $gt: after } }, { _id: 1 }).sort({ _id: 1 });
    return (await reading(query.limit(limit).lean().exec())).map(({ _id }) => _id);
  }

  async sessionIds(after: string, limit: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < limit) {
      const next = await this.#nextSession(ids.at(-1) ?? after);
      if (next === undefined) break;
      ids.push(next);
    }
    return ids;
  }

  records(sessionId: string, afterPos: number, limit: number): Promise<(KeptRecord | DamagedRecord)[]> {
    return this.#log.read(sessionId, afterPos, limit);
  }

  async trimmedThrough(sessionId: string): Promise<number> {
    return (await this.#table.trimmed(sessionId)).through;
  }

  snapshots(sessionId: string): Promise<KeptSnapshot[]> {
    return this.#snapshots.kept(sessionId);
  }

  access(sessionId: string): Promise<KeptAccess> {
    return this.#sessions.keptAccess(sessionId);
  }

  async leftovers(): Promise<Leftover[]> {
    const { snapshots, log } = await this.#stray.count();
    const found = [
      { what: "parts of snapshots that were never finished", count: snapshots },
      { what: "parts of records that were never stored", count: log },
    ];
    return found.filter(({ count }) => count > 0);
  }

  async faults(): Promise<string[]> {
    const found = (await reading(missingIndexes(this.#models))).map((index) => `there is no ${index}`);
    for (let after = ""; ; ) {
      const ids = await this.sessionIds(after, SESSIONS);
      if (ids.length === 0) return found;
      for (const id of ids) found.push(...(await this.#log.overlaps(id)));
      after = ids.at(-1)!;
    }
  }

  async putRecords(sessionId: string, records: readonly KeptRecord[]): Promise<void> {
    checkPositions(sessionId, records);
    if (records.length > 0) await this.#log.put(sessionId, records);
  }

  async project(sessionId: string, row: SessionRow | null, access: AccessRows, pos: number): Promise<void> {
    await this.#sessions.replace(sessionId, row, access, pos);
  }

  async dropSnapshot(sessionId: string, pos: number): Promise<void> {
    await this.#snapshots.drop(sessionId, pos);
  }

  async dropLeftovers(): Promise<void> {
    await this.#stray.drop();
  }

  /** One step in each index, and no walk over all that is kept of a session to come to the next one. */
  async #nextSession(after: string): Promise<string | undefined> {
    const { log, snapshots, people, invites, sessions, leases, trims } = this.#models;
    const next = await Promise.all([
      nextOf(log, "sessionId", after),
      nextOf(snapshots, "sessionId", after),
      nextOf(people, "sessionId", after),
      nextOf(invites, "sessionId", after),
      nextOf(sessions, "_id", after),
      nextOf(leases, "_id", after),
      nextOf(trims, "_id", after),
    ]);
    // In the database's order: by bytes, not by the units of a string here.
    return next.filter((id) => id !== undefined).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0];
  }
}

async function nextOf<T>(model: Model<T>, field: "sessionId" | "_id", after: string): Promise<string | undefined> {
  const query = model.findOne({ [field]: { $gt: after } } as never, { [field]: 1 }).sort({ [field]: 1 });
  const found = await reading(query.lean<Partial<Record<"sessionId" | "_id", string>>>().exec());
  return found?.[field];
}
