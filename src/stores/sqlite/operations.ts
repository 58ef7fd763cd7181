import type { LogRecord } from "../../core/record.ts";
import type { Status } from "../../core/session.ts";
import type { Member, NewCampaign, SessionRefused } from "../../ports/campaigns.ts";
import type { Projection } from "../../ports/log.ts";
import type { AccessRows, EndedSession, SessionAccess } from "../../ports/sessions.ts";
import type { KeptTicket } from "../../ports/stream-tickets.ts";
import type { ListPosition } from "../cursor.ts";
import { isFull, isLedBy } from "../membership.ts";
import { archiveOperationsOn } from "./archive-operations.ts";
import { DataFile } from "./data-file.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { DataFileOptions } from "./open-file.ts";
import { rowOf } from "./record-row.ts";
import type { SnapshotHeader } from "./snapshot-table.ts";
import { prepareTables, type Tables } from "./tables.ts";

/**
 * One call to `append`. The records travel as they are and become rows where the file is: cloning them costs the
 * calling thread less than writing their JSON does (docs/decisions/0003-log-writes.md).
 */
export interface AppendJob {
  readonly sessionId: string;
  readonly records: readonly LogRecord[];
  readonly projection: Projection;
}

/**
 * Everything the stores ask of the file. Synchronous but for the backup; arguments and results are plain data that pass
 * between threads.
 */
export type Operations = ReturnType<typeof operationsOn>;

/** Opens the file. @param onVanished as DataFile says. @throws CannotOpenData */
export function operationsOn(options: DataFileOptions, onVanished: (message: string) => void) {
  const file = new DataFile(options, (db) => prepareTables(db, options.forReading ?? false), onVanished);
  return {
    /** Stores what several calls brought, together, each whole or not at all. @returns a failure or null per job */
    append: (jobs: readonly AppendJob[]): (Failure | null)[] =>
      file.writeTogether(jobs.map((job) => (tables) => storeJob(tables, job))).map((e) => (e ? failureOf(e) : null)),
    readRecords: (sessionId: string, afterPos: number, limit: number) =>
      file.read(({ log }) => log.read(sessionId, afterPos, limit)),
    logEnd: (sessionId: string) => file.read(({ log }) => log.end(sessionId)),
    // What is only forgotten, and parts that count for nothing yet, need no sync of their own: the next one takes them along.
    trimSome: (sessionId: string, throughPos: number) =>
      file.write(({ log }) => log.trimSome(sessionId, throughPos), "later"),
    events: (sessionId: string, afterN: number, limit: number) =>
      file.read(({ log }) => log.events(sessionId, afterN, limit)),
    traces: (sessionId: string, afterSeq: number, limit: number) =>
      file.read(({ log }) => log.traces(sessionId, afterSeq, limit)),

    findSession: (sessionId: string) => file.read(({ sessions }) => sessions.find(sessionId)),
    listSessions: (campaignId: string, status: Status | null, after: ListPosition, limit: number) =>
      file.read(({ sessions }) => sessions.list(campaignId, status, after, limit)),
    findByInvite: (tokenHash: string) => file.read(({ access }) => access.sessionOf(tokenHash)),
    sessionAccess: (sessionId: string, userId: string, inviteHash: string | null) =>
      file.read((tables) => accessTo(tables, sessionId, userId, inviteHash)),
    invitesOf: (sessionId: string) => file.read(({ access }) => access.lookups(sessionId)),
    unlearned: (after: string, limit: number) => file.read(({ sessions }) => sessions.unlearned(after, limit)),
    learn: (sessionId: string, rows: AccessRows, pos: number) =>
      file.write(({ sessions, access }) => {
        if (sessions.learned(sessionId)) access.put(sessionId, rows, pos);
      }),

    endedWithContent: (endedBy: number, limit: number, after: EndedSession | undefined) =>
      file.read(({ sessions }) => sessions.endedWithContent(endedBy, limit, after)),
    liveWithAutoPause: (after: string, limit: number) =>
      file.read(({ sessions }) => sessions.liveWithAutoPause(after, limit)),
    contentGone: (sessionId: string) => file.write(({ sessions }) => sessions.contentGone(sessionId)),

    putSnapshotPart: (saveId: string, n: number, bytes: Uint8Array) =>
      file.write(({ snapshots }) => snapshots.putPart(saveId, n, bytes), "later"),
    finishSnapshot: (header: SnapshotHeader) => file.write(({ snapshots }) => snapshots.finish(header)),
    abortSnapshot: (saveId: string) => file.write(({ snapshots }) => snapshots.abort(saveId)),
    snapshotPositions: (sessionId: string) => file.read(({ snapshots }) => snapshots.positions(sessionId)),
    snapshotHeader: (sessionId: string, pos: number) => file.read(({ snapshots }) => snapshots.header(sessionId, pos)),
    snapshotPart: (saveId: string, n: number) => file.read(({ snapshots }) => snapshots.part(saveId, n)),
    dropSnapshotsBefore: (sessionId: string, pos: number) =>
      file.write(({ snapshots }) => snapshots.dropBefore(sessionId, pos), "later"),

    createCampaign: (campaign: NewCampaign, by: string | null) =>
      file.write(({ campaigns }) => campaigns.create(campaign, by)),
    findMembership: (campaignId: string, userId: string) =>
      file.read(({ campaigns }) => campaigns.findMembership(campaignId, userId)),
    formerMembers: (campaignId: string, after: string, limit: number) =>
      file.read(({ campaigns }) => campaigns.formerMembers(campaignId, after, limit)),
    findCampaign: (campaignId: string) => file.read(({ campaigns }) => campaigns.find(campaignId)),
    listCampaigns: (userId: string, after: ListPosition, limit: number) =>
      file.read(({ campaigns }) => campaigns.listOf(userId, after, limit)),
    campaignsLedBy: (userId: string) => file.read(({ campaigns }) => campaigns.ledBy(userId)),
    putMember: (campaignId: string, userId: string, role: Member["role"], name: string | null, by?: string) =>
      file.write(({ campaigns }) => campaigns.putMember(campaignId, userId, role, name, by)),
    removeMember: (campaignId: string, userId: string, by?: string) =>
      file.write(({ campaigns }) => campaigns.removeMember(campaignId, userId, by)),
    /** @returns `added`, or why not: a right, a ceiling, or what stands at the record's position */
    addSession: (job: AppendJob, campaignId: string, by: string): "added" | SessionRefused | Failure =>
      file.write((tables) => addSession(tables, job, campaignId, by)),

    beat: (processId: string, beatAt: number) =>
      file.write(({ heartbeats }) => heartbeats.beat(processId, beatAt), "later"),
    lastBeat: (processId: string) => file.read(({ heartbeats }) => heartbeats.last(processId)),

    putTicket: (ticket: Omit<KeptTicket, "openIn" | "uses">, now: number) =>
      file.write(({ tickets }) => tickets.put(ticket, now)),
    findTicket: (hash: string) => file.read(({ tickets }) => tickets.find(hash)),
    ticketOpened: (hash: string, processId: string) => file.write(({ tickets }) => tickets.opened(hash, processId)),
    ticketClosed: (hash: string, use: number, goodUntil: number) =>
      file.write(({ tickets }) => tickets.closed(hash, use, goodUntil)),

    ...archiveOperationsOn(file),

    /** Nothing else may be asked until it resolves, but from within `betweenSteps`. */
    backUp: (path: string, betweenSteps: () => void = () => {}) => file.backUp(path, betweenSteps),

    /** A real write: a disk that reads but does not write is not ready. */
    check: () => file.write(({ touch }) => touch()),
    /** Which file is open; undefined for reading. */
    fileId: () => file.id,
    look: () => file.look(),
    scrub: () => file.emptyWriteAheadLog(),
    close: () => file.close(),
  };
}

function storeJob({ log, sessions, access }: Tables, { sessionId, records, projection }: AppendJob) {
  const outcome = log.append(sessionId, records.map(rowOf));
  if (outcome === "same") return undefined;
  if (outcome !== "stored") return outcome;
  if (projection.row !== undefined) sessions.put(projection.row);
  if (projection.access !== undefined) access.put(sessionId, projection.access, records.at(-1)!.pos);
  if (projection.isWhole) sessions.learned(sessionId);
  return undefined;
}

function addSession(tables: Tables, job: AppendJob, campaignId: string, by: string) {
  const { campaigns, sessions } = tables;
  if (!isLedBy(campaigns.find(campaignId) ?? { members: [] }, by)) return "not_gm";
  if (sessions.find(job.sessionId) === undefined && isFull(sessions.countOf(campaignId))) return "limit_reached";
  const failed = storeJob(tables, job);
  return failed === undefined ? "added" : failureOf(failed);
}

function accessTo(
  { sessions, access }: Tables,
  sessionId: string,
  userId: string,
  inviteHash: string | null,
): SessionAccess | undefined {
  const row = sessions.find(sessionId);
  // Asked for in any case: that there is no such session is not to be told by the time.
  const found = access.of(sessionId, userId, inviteHash);
  const isLearned = sessions.isLearned(sessionId);
  return row && { row, isLearned, ...found };
}
