import type { Archive, DamagedRecord, KeptAccess, KeptRecord, KeptSnapshot, Leftover } from "../../ports/archive.ts";
import type { AccessRows, SessionRow } from "../../ports/sessions.ts";
import { checkPositions } from "../append-call.ts";
import { keptOf } from "../kept-record.ts";
import { errorOf, type FileAccess } from "./file-access.ts";

/** The data file as a whole. Leases are none of it: this store keeps them in memory. */
export class SqliteArchive implements Archive {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async campaignIds(after: string, limit: number): Promise<string[]> {
    return this.#file.call("campaignIds", after, limit);
  }

  async sessionIds(after: string, limit: number): Promise<string[]> {
    return this.#file.call("sessionIds", after, limit);
  }

  async records(sessionId: string, afterPos: number, limit: number): Promise<(KeptRecord | DamagedRecord)[]> {
    const { rows, trimmedThrough } = await this.#file.call("keptRecords", sessionId, afterPos, limit);
    return rows.map((row) => ("damage" in row ? row : keptOf(row, row.pos <= trimmedThrough)));
  }

  async trimmedThrough(sessionId: string): Promise<number> {
    return this.#file.call("trimmedThrough", sessionId);
  }

  async snapshots(sessionId: string): Promise<KeptSnapshot[]> {
    return this.#file.call("keptSnapshots", sessionId);
  }

  async access(sessionId: string): Promise<KeptAccess> {
    return this.#file.call("keptAccess", sessionId);
  }

  async leftovers(): Promise<Leftover[]> {
    const parts = await this.#file.call("countStrayParts");
    return parts === 0 ? [] : [{ what: "parts of snapshots that were never finished", count: parts }];
  }

  async faults(): Promise<string[]> {
    return this.#file.call("faults");
  }

  async putRecords(sessionId: string, records: readonly KeptRecord[]): Promise<void> {
    checkPositions(sessionId, records);
    if (records.length === 0) return;
    const failure = await this.#file.call("putRecords", sessionId, records);
    if (failure !== null) throw errorOf(failure);
  }

  async project(sessionId: string, row: SessionRow | null, access: AccessRows, pos: number): Promise<void> {
    await this.#file.call("project", sessionId, row, access, pos);
  }

  async dropSnapshot(sessionId: string, pos: number): Promise<void> {
    await this.#file.call("dropSnapshot", sessionId, pos);
  }

  async dropLeftovers(): Promise<void> {
    await this.#file.call("dropStrayParts");
  }
}
