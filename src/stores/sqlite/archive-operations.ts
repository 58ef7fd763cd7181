import type { KeptAccess, KeptRecord } from "../../ports/archive.ts";
import type { AccessRows, SessionRow } from "../../ports/sessions.ts";
import type { DataFile } from "./data-file.ts";
import { type Failure, failureOf } from "./failure.ts";
import { rowOfKept } from "./record-row.ts";
import type { Tables } from "./tables.ts";

/** What `SqliteArchive` asks of the file. */
export function archiveOperationsOn(file: DataFile<Tables>) {
  return {
    campaignIds: (after: string, limit: number) => file.read(({ archive }) => archive.campaignIds(after, limit)),
    sessionIds: (after: string, limit: number) => file.read(({ archive }) => archive.sessionIds(after, limit)),
    keptRecords: (sessionId: string, afterPos: number, limit: number) =>
      file.read(({ archive }) => ({
        rows: archive.records(sessionId, afterPos, limit),
        trimmedThrough: archive.trimmedThrough(sessionId),
      })),
    trimmedThrough: (sessionId: string) => file.read(({ archive }) => archive.trimmedThrough(sessionId)),
    keptSnapshots: (sessionId: string) => file.read(({ snapshots }) => snapshots.kept(sessionId)),
    keptAccess: (sessionId: string): KeptAccess =>
      file.read(({ sessions, access }) => ({
        isLearned: sessions.isLearned(sessionId),
        people: access.people(sessionId),
        lookups: access.lookups(sessionId),
      })),
    countStrayParts: () => file.read(({ snapshots }) => snapshots.countStrayParts()),
    faults: () => file.read(({ archive }) => archive.faults()),

    /** @returns why nothing was stored, null where all is */
    putRecords: (sessionId: string, records: readonly KeptRecord[]) =>
      file.write((tables) => putRecords(tables, sessionId, records)),
    project: (sessionId: string, row: SessionRow | null, rows: AccessRows, pos: number) =>
      file.write(({ archive, sessions, access }) => {
        archive.dropRow(sessionId);
        access.drop(sessionId);
        access.put(sessionId, rows, pos);
        if (row === null) return;
        sessions.put(row);
        sessions.learned(sessionId);
      }),
    dropSnapshot: (sessionId: string, pos: number) => file.write(({ snapshots }) => snapshots.drop(sessionId, pos)),
    dropStrayParts: () => file.write(({ snapshots }) => snapshots.dropStrayParts()),
  };
}

function putRecords({ archive, log }: Tables, sessionId: string, records: readonly KeptRecord[]): Failure | null {
  const last = log.end(sessionId);
  const outcome = log.append(
    sessionId,
    records.map((record) => rowOfKept(sessionId, record)),
  );
  if (outcome instanceof Error) return failureOf(outcome);
  const trimmed = records.findLast(({ pos, body }) => pos > last && body === null);
  if (trimmed !== undefined) archive.raiseTrimmed(sessionId, trimmed.pos);
  return null;
}
