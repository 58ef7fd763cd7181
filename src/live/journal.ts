import { chain } from "../core/audit.ts";
import {
  type AuditNote,
  type CommittedCommand,
  type LogRecord,
  RECORD_FORMAT,
  type RecordContent,
} from "../core/record.ts";
import type { SessionState } from "../core/state.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { PositionTaken, StoreUnavailable } from "../ports/failures.ts";
import type { Projection, SessionLog } from "../ports/log.ts";
import { rowOf } from "./row.ts";

/** It is not known to be recorded: the store failed, gave no answer, or another host writes this session's log. */
export class JournalUnavailable extends Error {
  override readonly name = "JournalUnavailable";
}

/** What a journal tells the session about. */
export interface JournalListener {
  /**
   * These records are durable and `committed` has them. Answers when viewers have been sent what changed, at once
   * (undefined) or later: whoever proposed them is told after that.
   */
  committed(records: readonly LogRecord[]): Promise<void> | undefined;
  /** The store answered that an append is durable; the time from the call on. */
  appended?(milliseconds: number): void;
  /** Another host wrote this session's log: nothing more is decided or shown here. */
  fenced(): void;
  /** Our own code threw while a record was taken in or shown: what is in memory is no longer to be trusted. */
  broken(error: unknown): void;
}

interface Waiter {
  done(): void;
  failed(error: JournalUnavailable): void;
}

/** A record under way, with who waits for it and with what must outlive it if it fails. */
interface Draft {
  record: LogRecord;
  /** notes of the second lane that travel in this record: they happened, whether it is stored or not */
  readonly carried: readonly AuditNote[];
  readonly inviteHash: string | undefined;
  readonly changesRow: boolean;
  readonly waiters: Waiter[];
}

/** Kinds after which the row for lists reads differently. */
const ROW_KINDS: ReadonlySet<RecordContent["kind"]> = new Set(["created", "opened", "status", "settings"]);

/** A store that has not answered in this time leaves the outcome open; waiters are told then (contract: within 5 s). */
export const ANSWER_TIMEOUT_MS = 3_000;
const RETRY_MS = [50, 100, 250, 500, 1_000] as const;
/** Second-lane notes wait so long for a record to travel in. */
const NOTE_DELAY_MS = 1_000;
const MAX_COMMANDS_PER_RECORD = 256;

/**
 * The one writer of a session's log: takes decisions in order, appends them, and only then lets them be shown.
 *
 * `head` is the state with everything in flight applied: decisions are made against it. `committed` is what is stored:
 * only that is shown. One append is under way at a time; what is decided meanwhile shares the next (rules J1 to J9).
 */
export class Journal {
  head: SessionState;
  readonly committed: SessionState;
  #queue: Draft[] = [];
  #sending: Draft[] | undefined;
  #notes: AuditNote[] = [];
  #sockets = new Map<string, number>();
  #inDoubt = false;
  #stopped = false;
  #showing: Promise<void> | undefined;
  #cancelNoteTimer: (() => void) | undefined;
  #settledWaiters: (() => void)[] = [];
  readonly #log: SessionLog;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #listener: JournalListener;

  constructor(state: SessionState, log: SessionLog, clock: Clock, chance: Chance, listener: JournalListener) {
    this.committed = state;
    this.head = state.clone();
    this.#log = log;
    this.#clock = clock;
    this.#chance = chance;
    this.#listener = listener;
  }

  /** Whether a decision made now could be recorded. In doubt or fenced: no. */
  get available(): boolean {
    return !this.#inDoubt && !this.#stopped;
  }

  /** Records that wait or are under way. */
  get depth(): number {
    return this.#queue.length + (this.#sending?.length ?? 0);
  }

  /**
   * Takes a decision: `head` has it when this returns; the promise resolves when it is stored and shown.
   * @param notes the audit events that belong to it: stored with it or not at all
   * @throws JournalUnavailable, as a rejection: not known to be recorded
   */
  propose(
    content: Exclude<RecordContent, { kind: "commands" }>,
    notes: readonly AuditNote[],
    inviteHash?: string,
  ): Promise<void> {
    return this.#take(() => this.#draft(content, notes, inviteHash));
  }

  /** The same for a command. Commands that wait together share a record. */
  proposeCommand(command: CommittedCommand): Promise<void> {
    return this.#take(() => {
      const last = this.#queue.at(-1);
      if (last?.record.content.kind === "commands" && last.record.content.commands.length < MAX_COMMANDS_PER_RECORD) {
        const commands = last.record.content.commands as CommittedCommand[];
        commands.push(command);
        this.head.applyCommand(command);
        return last;
      }
      return this.#draft({ kind: "commands", commands: [command] }, []);
    });
  }

  /** Something of the second lane that is audited: it travels in the next record, or after 1 s in one of its own. */
  note(note: AuditNote): void {
    if (this.#stopped) return;
    this.#notes.push(note);
    this.#armNotes();
  }

  /** A socket was opened: counted for attendance with the next record. */
  countSocket(userId: string): void {
    if (this.#stopped) return;
    this.#sockets.set(userId, (this.#sockets.get(userId) ?? 0) + 1);
    this.#armNotes();
  }

  /**
   * Resolves when everything that `head` has now is stored: at once, where nothing is under way. What was concluded from
   * `head` may be told only then, for a crash could still undo it.
   * @throws JournalUnavailable, as a rejection: some of it is lost, or not known to be stored
   */
  stored(): Promise<void> {
    if (!this.available) return Promise.reject(new JournalUnavailable("the journal is not available"));
    const last = this.#queue.at(-1) ?? this.#sending?.at(-1);
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => last.waiters.push({ done: resolve, failed: reject }));
  }

  /** While viewers are being sent what was stored last: resolves when they have been. Never rejects. */
  get showing(): Promise<void> | undefined {
    return this.#showing;
  }

  /** Resolves when nobody waits any more for what is under way: it is stored, lost, or in doubt. */
  settled(): Promise<void> {
    if (this.depth === 0 || this.#inDoubt) return Promise.resolve();
    return new Promise((resolve) => this.#settledWaiters.push(resolve));
  }

  /** Writes second-lane notes now. @throws JournalUnavailable */
  async flushNotes(): Promise<void> {
    this.#cancelNoteTimer?.();
    this.#cancelNoteTimer = undefined;
    if (this.#notes.length === 0 && this.#sockets.size === 0) return;
    await this.propose({ kind: "audit" }, []);
  }

  /**
   * Takes no more decisions. What is under way is still stored and shown; what is in doubt is left to whoever opens the
   * session next.
   */
  stop(): void {
    this.#stopped = true;
    this.#cancelNoteTimer?.();
    this.#cancelNoteTimer = undefined;
  }

  #armNotes(): void {
    if (this.#cancelNoteTimer !== undefined || this.#stopped) return;
    this.#cancelNoteTimer = this.#clock.after(NOTE_DELAY_MS, () => {
      this.#cancelNoteTimer = undefined;
      if (!this.available) this.#armNotes();
      else this.flushNotes().catch(() => this.#armNotes());
    });
  }

  #draft(content: RecordContent, notes: readonly AuditNote[], inviteHash?: string): Draft {
    const carried = this.#notes;
    const sockets = this.#sockets;
    this.#notes = [];
    this.#sockets = new Map();
    this.#cancelNoteTimer?.();
    this.#cancelNoteTimer = undefined;
    const head = this.head;
    let { auditCount, auditHead } = head;
    const audit = [...carried, ...notes].map((note) => {
      const event = chain(auditCount, auditHead, note);
      auditCount = event.n;
      auditHead = event.hash;
      return event;
    });
    const record: LogRecord = {
      v: RECORD_FORMAT,
      sessionId: head.sessionId,
      pos: head.pos + 1,
      id: this.#chance.id(),
      epoch: head.epoch,
      at: this.#clock.now(),
      content,
      audit,
      ...(sockets.size > 0 ? { sockets: Object.fromEntries(sockets) } : {}),
    };
    head.apply(record);
    const draft: Draft = { record, carried, inviteHash, changesRow: ROW_KINDS.has(content.kind), waiters: [] };
    this.#queue.push(draft);
    return draft;
  }

  #take(decision: () => Draft): Promise<void> {
    if (!this.available) return Promise.reject(new JournalUnavailable("the journal is not available"));
    try {
      const draft = decision();
      const promise = new Promise<void>((resolve, reject) => draft.waiters.push({ done: resolve, failed: reject }));
      this.#send();
      return promise;
    } catch (error) {
      return Promise.reject(this.#break(error));
    }
  }

  /** Starts the next append, if none is under way. */
  #send(): void {
    if (this.#sending !== undefined || this.#queue.length === 0) return;
    const drafts = this.#queue;
    this.#queue = [];
    this.#sending = drafts;
    this.#append(drafts, this.#projectionOf(drafts), 0);
  }

  /** Asks the store. Where it does not say in time what became of it, the identical call is made again. */
  #append(drafts: readonly Draft[], projection: Projection | undefined, attempt: number): void {
    let isLate = false;
    const startedAt = performance.now();
    const cancelTimeout = this.#clock.after(ANSWER_TIMEOUT_MS, () => {
      isLate = true;
      this.#retry(drafts, projection, attempt);
    });
    const isAwaited = (): boolean => {
      cancelTimeout();
      return this.#sending === drafts;
    };
    this.#ask(drafts, projection).then(
      () => {
        if (!isAwaited()) return;
        this.#listener.appended?.(performance.now() - startedAt);
        this.#stored(drafts);
      },
      (error: unknown) => {
        if (!isAwaited()) return;
        if (error instanceof PositionTaken) this.#fence();
        // Too late to be certain: it is being asked again already.
        else if (isLate) return;
        else if (error instanceof StoreUnavailable && attempt === 0) this.#failed(drafts);
        else this.#retry(drafts, projection, attempt);
      },
    );
  }

  /** `async`, so that a store that throws at once is one that rejects. */
  async #ask(drafts: readonly Draft[], projection: Projection | undefined): Promise<void> {
    await this.#log.append(
      drafts.map((draft) => draft.record),
      projection,
    );
  }

  /** While `head` is the state after the last of them, and has nothing that comes later. */
  #projectionOf(drafts: readonly Draft[]): Projection | undefined {
    const inviteHashes = drafts.flatMap((draft) => (draft.inviteHash === undefined ? [] : [draft.inviteHash]));
    const changesRow = drafts.some((draft) => draft.changesRow);
    if (!changesRow && inviteHashes.length === 0) return undefined;
    return { ...(changesRow ? { row: rowOf(this.head) } : {}), ...(inviteHashes.length > 0 ? { inviteHashes } : {}) };
  }

  #stored(drafts: readonly Draft[]): void {
    const records = drafts.map((draft) => draft.record);
    const done = () => {
      for (const draft of drafts) for (const waiter of draft.waiters.splice(0)) waiter.done();
      this.#tellSettled();
    };
    let shown: Promise<void> | undefined;
    try {
      for (const record of records) this.committed.apply(record);
      this.#sending = undefined;
      if (this.#inDoubt) {
        this.#inDoubt = false;
        this.head = this.committed.clone();
      }
      this.#send();
      shown = this.#listener.committed(records);
    } catch (error) {
      // Durable, but not shown: who proposed it asks again, and is told so by whoever opens the session next.
      this.#reject(drafts, "it was recorded, but could not be shown");
      this.#break(error);
      return;
    }
    if (shown === undefined) {
      done();
      return;
    }
    this.#showing = shown;
    const isShown = () => {
      if (this.#showing === shown) this.#showing = undefined;
      done();
    };
    shown.then(isShown, isShown);
  }

  /** Decides nothing more. What the store is being asked to append may still be recorded: whoever reads the log next sees. */
  #break(error: unknown): JournalUnavailable {
    this.stop();
    const lost = [...(this.#sending ?? []), ...this.#queue];
    this.#sending = undefined;
    this.#queue = [];
    this.#inDoubt = false;
    this.#reject(lost, "this session is opened again");
    this.#tellSettled();
    this.#listener.broken(error);
    return new JournalUnavailable("this session is opened again");
  }

  /** Failed for certain: as if never decided, and neither what was decided on top of it. */
  #failed(drafts: readonly Draft[]): void {
    const lost = [...drafts, ...this.#queue];
    this.#sending = undefined;
    this.#queue = [];
    this.#inDoubt = false;
    this.head = this.committed.clone();
    this.#keepNotes(lost);
    this.#reject(lost, "the store refused the record");
    this.#tellSettled();
  }

  /** No answer yet: everybody is told, and nothing is decided until it is known what became of the records. */
  #doubt(drafts: readonly Draft[]): void {
    if (this.#inDoubt || this.#sending !== drafts) return;
    this.#inDoubt = true;
    const lost = this.#queue;
    this.#queue = [];
    this.#keepNotes(lost);
    this.#reject([...drafts, ...lost], "the store has not answered: it is not known whether this was recorded");
    this.#tellSettled();
  }

  #retry(drafts: readonly Draft[], projection: Projection | undefined, attempt: number): void {
    if (this.#sending !== drafts) return;
    this.#doubt(drafts);
    const delay = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 1_000;
    this.#clock.after(delay, () => {
      if (this.#sending === drafts && !this.#stopped) this.#append(drafts, projection, attempt + 1);
    });
  }

  #fence(): void {
    this.stop();
    const lost = [...(this.#sending ?? []), ...this.#queue];
    this.#sending = undefined;
    this.#queue = [];
    this.#inDoubt = false;
    this.#reject(lost, "another process hosts this session now");
    this.#tellSettled();
    this.#listener.fenced();
  }

  #reject(drafts: readonly Draft[], why: string): void {
    const error = new JournalUnavailable(why);
    for (const draft of drafts) for (const waiter of draft.waiters.splice(0)) waiter.failed(error);
  }

  #keepNotes(lost: readonly Draft[]): void {
    this.#notes.unshift(...lost.flatMap((draft) => draft.carried));
    for (const { record } of lost) {
      for (const [userId, n] of Object.entries(record.sockets ?? {})) {
        this.#sockets.set(userId, (this.#sockets.get(userId) ?? 0) + n);
      }
    }
    if (this.#notes.length > 0 || this.#sockets.size > 0) this.#armNotes();
  }

  #tellSettled(): void {
    if (this.depth > 0 && !this.#inDoubt) return;
    for (const tell of this.#settledWaiters.splice(0)) tell();
  }
}
