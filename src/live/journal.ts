import type { AuditNote, CommittedCommand, LogRecord, RecordContent } from "../core/record.ts";
import { sizeOfCommand, sizeOfRecord } from "../core/record-size.ts";
import type { SessionState } from "../core/state.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { SessionLog } from "../ports/log.ts";
import { Append } from "./append.ts";
import { type Draft, hasRoomFor, outcomeOf, projectionOf, tellDone, tellFailed } from "./drafts.ts";
import { nextRecord } from "./next-record.ts";
import { WaitingNotes } from "./waiting-notes.ts";

/** It is not known to be recorded: the store failed, gave no answer, or another host writes this session's log. */
export class JournalUnavailable extends Error {
  override readonly name = "JournalUnavailable";
}

/** What a journal tells the session about. */
export interface JournalListener {
  /**
   * These records are durable and `committed` has them. Answers when viewers have been sent what changed, at once
   * (undefined) or later: whoever proposed them is told after that.
   * @param bytes about how large they are together
   */
  committed(records: readonly LogRecord[], bytes: number): Promise<void> | undefined;
  /** The store answered that an append is durable; the time from the call on. */
  appended?(milliseconds: number): void;
  /** Another host wrote this session's log: nothing more is decided or shown here. */
  fenced(): void;
  /** Our own code threw while a record was taken in or shown: what is in memory is no longer to be trusted. */
  broken(error: unknown): void;
}

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
  #sending: { readonly drafts: readonly Draft[]; readonly append: Append } | undefined;
  #inDoubt = false;
  #stopped = false;
  #showing: Promise<void> | undefined;
  #settledWaiters: (() => void)[] = [];
  readonly #notes: WaitingNotes;
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
    this.#notes = new WaitingNotes(clock, () => this.flushNotes());
  }

  /** Whether a decision made now could be recorded. In doubt or fenced: no. */
  get available(): boolean {
    return !this.#inDoubt && !this.#stopped;
  }

  /** Records that wait or are under way. */
  get depth(): number {
    return this.#queue.length + (this.#sending?.drafts.length ?? 0);
  }

  /**
   * Takes a decision: `head` has it when this returns; the promise resolves when it is stored and shown.
   * @param notes the audit events that belong to it: stored with it or not at all
   * @throws JournalUnavailable, as a rejection: not known to be recorded
   */
  propose(content: Exclude<RecordContent, { kind: "commands" }>, notes: readonly AuditNote[]): Promise<void> {
    return this.#take(() => this.#draft(content, notes));
  }

  /** The same for a command. Commands that wait together share a record. */
  proposeCommand(command: CommittedCommand): Promise<void> {
    return this.#take(() => {
      const last = this.#queue.at(-1);
      const bytes = sizeOfCommand(command);
      if (last === undefined || !hasRoomFor(bytes, last)) {
        return this.#draft({ kind: "commands", commands: [command] }, []);
      }
      (last.record.content.commands as CommittedCommand[]).push(command);
      last.bytes += bytes;
      this.head.applyCommand(command);
      return last;
    });
  }

  /** Something of the second lane that is audited: it travels in the next record, or after 1 s in one of its own. */
  note(note: AuditNote): void {
    this.#notes.add(note);
  }

  /** A socket was opened: counted for attendance with the next record. */
  countSocket(userId: string): void {
    this.#notes.countSocket(userId);
  }

  /**
   * Resolves when everything that `head` has now is stored: at once, where nothing is under way. What was concluded from
   * `head` may be told only then, for a crash could still undo it.
   * @throws JournalUnavailable, as a rejection: some of it is lost, or not known to be stored
   */
  stored(): Promise<void> {
    if (!this.available) return Promise.reject(new JournalUnavailable("the journal is not available"));
    const last = this.#queue.at(-1) ?? this.#sending?.drafts.at(-1);
    return last === undefined ? Promise.resolve() : outcomeOf(last);
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
    if (this.#notes.any) await this.propose({ kind: "audit" }, []);
  }

  /**
   * Takes no more decisions. What is under way is still stored and shown; what is in doubt is left to whoever opens the
   * session next.
   */
  stop(): void {
    this.#stopped = true;
    this.#notes.stop();
    this.#sending?.append.stopRetrying();
  }

  #draft(content: RecordContent, notes: readonly AuditNote[]): Draft {
    const { head } = this;
    const carried = this.#notes.take();
    const all = [...carried.notes, ...notes];
    const plain = nextRecord(head, head.epoch, content, all, this.#chance.id(), this.#clock.now());
    const { sockets } = carried;
    const record = sockets.size > 0 ? { ...plain, sockets: Object.fromEntries(sockets) } : plain;
    head.apply(record);
    const draft: Draft = { record, carried, bytes: sizeOfRecord(record), waiters: [] };
    this.#queue.push(draft);
    return draft;
  }

  #take(decision: () => Draft): Promise<void> {
    if (!this.available) return Promise.reject(new JournalUnavailable("the journal is not available"));
    try {
      const outcome = outcomeOf(decision());
      this.#send();
      return outcome;
    } catch (error) {
      return Promise.reject(this.#break(error));
    }
  }

  /** Starts the next append, if none is under way. */
  #send(): void {
    if (this.#sending !== undefined || this.#queue.length === 0) return;
    const drafts = this.#queue;
    this.#queue = [];
    const records = drafts.map((draft) => draft.record);
    const append = new Append(records, projectionOf(drafts, this.head), this.#log, this.#clock, {
      stored: (milliseconds) => {
        this.#listener.appended?.(milliseconds);
        this.#stored(drafts, records);
      },
      refused: () => this.#refused(),
      taken: () => this.#fence(),
      doubtful: () => this.#doubt(drafts),
    });
    this.#sending = { drafts, append };
    append.start();
  }

  #stored(drafts: readonly Draft[], records: readonly LogRecord[]): void {
    const done = () => {
      tellDone(drafts);
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
      shown = this.#listener.committed(
        records,
        drafts.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    } catch (error) {
      // Durable, but not shown: who proposed it asks again, and is told so by whoever opens the session next.
      tellFailed(drafts, new JournalUnavailable("it was recorded, but could not be shown"));
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

  /** Failed for certain: as if never decided, and neither what was decided on top of it. */
  #refused(): void {
    const lost = this.#giveUp("the store refused the record");
    this.head = this.committed.clone();
    this.#keepNotes(lost);
  }

  /** No answer yet: everybody is told, and nothing is decided until it is known what became of the records. */
  #doubt(drafts: readonly Draft[]): void {
    this.#inDoubt = true;
    const lost = this.#queue;
    this.#queue = [];
    this.#keepNotes(lost);
    const error = new JournalUnavailable("the store has not answered: it is not known whether this was recorded");
    tellFailed([...drafts, ...lost], error);
    this.#tellSettled();
  }

  #fence(): void {
    this.stop();
    this.#giveUp("another process hosts this session now");
    this.#listener.fenced();
  }

  /** Decides nothing more. What the store is being asked to append may still be recorded: whoever reads the log next sees. */
  #break(error: unknown): JournalUnavailable {
    this.stop();
    const why = "this session is opened again";
    this.#giveUp(why);
    this.#listener.broken(error);
    return new JournalUnavailable(why);
  }

  /** Nothing is under way any more: whoever waits for it is told why. @returns what was */
  #giveUp(why: string): readonly Draft[] {
    const lost = [...(this.#sending?.drafts ?? []), ...this.#queue];
    this.#sending?.append.abandon();
    this.#sending = undefined;
    this.#queue = [];
    this.#inDoubt = false;
    tellFailed(lost, new JournalUnavailable(why));
    this.#tellSettled();
    return lost;
  }

  #keepNotes(lost: readonly Draft[]): void {
    this.#notes.giveBack(lost.map(({ carried }) => carried));
  }

  #tellSettled(): void {
    if (this.depth > 0 && !this.#inDoubt) return;
    for (const tell of this.#settledWaiters.splice(0)) tell();
  }
}
