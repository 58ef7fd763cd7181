import type { KeptRecord } from "../../ports/archive.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { DataFile } from "./data-file.ts";
import { type Failure, failureOf } from "./failure.ts";
import { rowOfKept } from "./record-row.ts";
import type { Tables } from "./tables.ts";

/** What `SqliteArchive` asks of the file. */
export function archiveOperationsOn(file: DataFile<Tables>) {
  return {
    campaignIds: (after: string, limit: number) => file.read(({ archive }) => archive.campaignIds(after, limit)),
    sessionIds: (after: string, limit: number) => file.read(({ archive }) => archive.sessionIds(after, limit)),
    lastPos: (sessionId: string) => file.read(({ archive }) => archive.lastPos(sessionId)),
    keptRecords: (sessionId: string, afterPos: number, limit: number) =>
      file.read(({ archive }) => ({
        rows: archive.records(sessionId, afterPos, limit),
        trimmedThrough: archive.trimmedThrough(sessionId),
      })),
    trimmedThrough: (sessionId: string) => file.read(({ archive }) => archive.trimmedThrough(sessionId)),
    keptSnapshots: (sessionId: string) => file.read(({ snapshots }) => snapshots.kept(sessionId)),
    inviteHashes: (sessionId: string) => file.read(({ archive }) => archive.inviteHashes(sessionId)),
    countStrayParts: () => file.read(({ snapshots }) => snapshots.countStrayParts()),
    faults: () => file.read(({ archive }) => archive.faults()),

    /** @returns why nothing was stored, null where all is */
    putRecords: (sessionId: string, records: readonly KeptRecord[]) =>
      file.write((tables) => putRecords(tables, sessionId, records)),
    project: (sessionId: string, row: SessionRow | null, inviteHashes: readonly string[]) =>
      file.write(({ archive, sessions }) => {
        archive.dropProjections(sessionId);
        if (row !== null) sessions.put(row);
        for (const hash of inviteHashes) sessions.putInvite(hash, sessionId);
      }),
    dropSnapshot: (sessionId: string, pos: number) => file.write(({ snapshots }) => snapshots.drop(sessionId, pos)),
    dropStrayParts: () => file.write(({ snapshots }) => snapshots.dropStrayParts()),
  };
}

function putRecords({ archive, log }: Tables, sessionId: string, records: readonly KeptRecord[]): Failure | null {
  const last = archive.lastPos(sessionId);
  const outcome = log.append(
    sessionId,
    records.map((record) => rowOfKept(sessionId, record)),
  );
  if (outcome instanceof Error) return failureOf(outcome);
  const trimmed = records.findLast(({ pos, body }) => pos > last && body === null);
  if (trimmed !== undefined) archive.raiseTrimmed(sessionId, trimmed.pos);
  return null;
}
