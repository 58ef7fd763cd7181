import { AnswerMemory } from "./answers.ts";
import { type Attendance, attend, countSockets } from "./attendance.ts";
import { CHAIN_START } from "./audit.ts";
import { EntryTree } from "./entries.ts";
import { fold } from "./fold.ts";
import type { CommittedCommand, LogRecord } from "./record.ts";
import type { Entry, Invite, Invitee, Knock, Place, Settings, Status } from "./session.ts";
import { DEFAULT_MAX_PARTICIPANTS, DEFAULT_SETTINGS } from "./settings.ts";
import { misfitOf } from "./succession.ts";

/**
 * A session as the fold of its log: a mutable container of immutable items, so that two states (`head`, `committed`)
 * may share what stands in them. Times are ms since 1970. Until `created` is applied (pos 0) it says nothing.
 */
export class SessionState {
  readonly sessionId: string;
  campaignId = "";
  title = "";
  status: Status = "created";
  statusSince = 0;
  statusBy = "";
  statusReason = "";
  maxParticipants = DEFAULT_MAX_PARTICIPANTS;
  settings: Settings = DEFAULT_SETTINGS;
  createdBy = "";
  createdAt = 0;
  startedAt: number | null = null;
  endedAt: number | null = null;
  /** of the newest record */
  pos = 0;
  /** of the newest record */
  epoch = 0;
  /** who hosts it since `opened`; null before the first one */
  process: string | null = null;
  /** commands committed so far */
  seq = 0;
  /** `at` of the newest record */
  lastAt = 0;
  readonly entries: EntryTree;
  readonly answers: AnswerMemory;
  readonly places = new Map<string, Place>();
  readonly invites = new Map<string, Invite>();
  readonly invitees = new Map<string, Invitee>();
  readonly banned = new Set<string>();
  /** who asked to come in, and what they were answered: see `knocks.ts` */
  readonly knocks = new Map<string, Knock>();
  auditCount = 0;
  auditHead = CHAIN_START;
  readonly attendance = new Map<string, Attendance>();
  /** how long it was live and paused before its present status */
  liveMs = 0;
  pausedMs = 0;
  /**
   * Everything that viewers are shown (a participant, an entry, a row for GMs) gets a number of its own, which is never
   * given again in the session's life. This is the first number that no host has used yet, counted from the log.
   */
  nextObjectId = 0;
  /** the first number of the present host: `nextObjectId` as it was when this host opened the session */
  firstObjectId = 0;

  constructor(sessionId: string, entries = new EntryTree(), answers = new AnswerMemory()) {
    this.sessionId = sessionId;
    this.entries = entries;
    this.answers = answers;
  }

  /**
   * Applies the record that follows.
   * @throws where it does not follow (naming session and position), with nothing changed: see `misfitOf`
   */
  apply(record: LogRecord): void {
    const misfit = misfitOf(this, record);
    if (misfit !== undefined) throw new Error(`session ${this.sessionId}, record ${record.pos}: ${misfit}`);
    this.pos = record.pos;
    this.epoch = record.epoch;
    this.lastAt = record.at;
    fold(this, record.content, record.at);
    for (const event of record.audit) {
      this.auditCount = event.n;
      this.auditHead = event.hash;
      attend(this.attendance, event);
    }
    if (record.sockets !== undefined) countSockets(this.attendance, record.sockets);
  }

  /**
   * Applies one more command of a record that was applied already: one that is still waiting to be sent.
   * @throws on a gap in `seq`, with nothing changed
   */
  applyCommand(command: CommittedCommand): void {
    const { seq, userId, id, result } = command;
    if (seq !== this.seq + 1) {
      throw new Error(`session ${this.sessionId}, record ${this.pos}: command ${seq} does not follow ${this.seq}`);
    }
    for (const [path, value] of command.changes) {
      const { size } = this.entries;
      if (value === null) this.entries.remove(path);
      else this.entries.put(path, { value, version: seq, by: userId } satisfies Entry);
      if (this.entries.size > size) this.nextObjectId += 1;
    }
    this.answers.remember(userId, id, seq, result);
    this.seq = seq;
  }

  /** A second, independent state: what is applied to one does not show in the other. The items are shared. */
  clone(): SessionState {
    const copy = new SessionState(this.sessionId, this.entries.clone(), this.answers.clone());
    const { campaignId, title, status, statusSince, statusBy, statusReason, maxParticipants, settings } = this;
    Object.assign(copy, { campaignId, title, status, statusSince, statusBy, statusReason, maxParticipants, settings });
    const { createdBy, createdAt, startedAt, endedAt, pos, epoch, process, seq, lastAt } = this;
    Object.assign(copy, { createdBy, createdAt, startedAt, endedAt, pos, epoch, process, seq, lastAt });
    const { auditCount, auditHead, liveMs, pausedMs, nextObjectId, firstObjectId } = this;
    Object.assign(copy, { auditCount, auditHead, liveMs, pausedMs, nextObjectId, firstObjectId });
    for (const [userId, place] of this.places) copy.places.set(userId, place);
    for (const [id, invite] of this.invites) copy.invites.set(id, invite);
    for (const [userId, invitee] of this.invitees) copy.invitees.set(userId, invitee);
    for (const userId of this.banned) copy.banned.add(userId);
    for (const [userId, knock] of this.knocks) copy.knocks.set(userId, knock);
    for (const [userId, person] of this.attendance) copy.attendance.set(userId, person);
    return copy;
  }
}

/** Places taken: people, GMs included, kept ones included. */
export function placesTaken(state: SessionState): number {
  return state.places.size;
}
