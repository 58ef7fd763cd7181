import { RecentRate } from "../core/recent-rate.ts";
import type { AuditNote, LogRecord } from "../core/record.ts";
import type { Actor, Invite, Place } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import type { Step } from "../core/status.ts";
import type { SessionWork } from "../core/work-budget.ts";
import type { MemberState } from "../ports/campaigns.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { Stores } from "../ports/stores.ts";
import { Admission, type Denial, type Reservation, type Visitor } from "./admission.ts";
import { Arrivals } from "./arrivals.ts";
import { AutoPause } from "./auto-pause.ts";
import { type CommandDeps, CommandDesk } from "./command-desk.ts";
import { Countdown } from "./countdown.ts";
import { Departures, departedIn, evictionIn } from "./departures.ts";
import { guardedClock } from "./guarded-clock.ts";
import type { Handover } from "./handover.ts";
import { createInvite, type InviteTerms, revokeInvite } from "./invites.ts";
import { Journal } from "./journal.ts";
import { Memberships } from "./memberships.ts";
import { Names } from "./names.ts";
import { note, SYSTEM } from "./notes.ts";
import type { Closing, SessionObserver } from "./observer.ts";
import { Observers } from "./observers.ts";
import { PresenceLane } from "./presence-lane.ts";
import type { Closer } from "./room-figures.ts";
import type { LiveSession } from "./sessions.ts";
import type { Snapshotter } from "./snapshotter.ts";
import { takeStep } from "./steps.ts";
import { Streams } from "./streams.ts";
import { applyUpdate, type Update } from "./update.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** A session without people or connections is closed after this; its status stays. */
export const EMPTY_CLOSES_AFTER_MS = 60_000;

export interface HostedDeps extends CommandDeps {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly stores: Stores;
  /** the session has been closed, and is nobody's any more */
  readonly onClosed: (session: HostedSession, why: Closing) => void;
  /** something threw that may not: the session is closed for it, to be opened again from its log */
  readonly onBroken?: (sessionId: string, error: unknown) => void;
  /** what its former host knew, where that one handed it over */
  readonly handover?: Handover;
}

/**
 * A session that runs in this process, with or without a room: the one place through which everything that changes it
 * goes. Methods that change it throw `JournalUnavailable` where it is not known to be recorded.
 */
export class HostedSession implements LiveSession {
  readonly sessionId: string;
  readonly committed: SessionState;
  readonly presence: PresenceLane;
  readonly desk: CommandDesk;
  /** what may be done for those who are in */
  readonly work: SessionWork;
  /** by the steady clock */
  readonly openedAt: number;
  /** how long the store took for the last append, in ms */
  commitMs = 0;
  readonly #commands: RecentRate;
  /** The system's, but a timer that throws breaks this session (see `broke`). For whoever shows it, too. */
  readonly clock: Clock;
  readonly #journal: Journal;
  readonly #admission: Admission;
  readonly #snapshotter: Snapshotter;
  readonly #deps: HostedDeps;
  readonly #observers = new Observers((error) => this.broke(error));
  readonly #arrivals: Arrivals;
  readonly #departures: Departures;
  readonly #memberships: Memberships;
  readonly #names: Names;
  readonly #streams: Streams;
  readonly waitingRoom: WaitingRoom;
  /** without anybody here or on their way in */
  readonly #empty: Countdown;
  readonly #autoPause: AutoPause;
  #closing: Promise<void> | undefined;
  #isBroken = false;

  /** @param state as the store has it, after this host's own `opened` */
  constructor(state: SessionState, snapshotter: Snapshotter, { handover, ...deps }: HostedDeps) {
    this.sessionId = state.sessionId;
    this.committed = state;
    this.#deps = deps;
    this.#snapshotter = snapshotter;
    this.clock = guardedClock(deps.clock, (error) => this.broke(error));
    this.openedAt = this.clock.steady();
    this.#commands = new RecentRate(this.openedAt);
    this.#journal = new Journal(state, deps.stores.log, this.clock, deps.chance, {
      committed: (records, bytes) => this.#committed(records, bytes),
      appended: (milliseconds) => {
        this.commitMs = milliseconds;
        deps.meter?.appended(milliseconds);
      },
      fenced: () => {
        deps.facts?.fenced(this.sessionId, this.committed.epoch);
        void this.close("host_moved");
      },
      broken: (error) => this.broke(error),
    });
    this.work = deps.work.session();
    this.desk = new CommandDesk(this.#journal, this.work, deps);
    this.presence = new PresenceLane(state, this.clock, {
      changed: (userIds) => this.#peopleChanged(userIds),
      noted: (auditNote) => this.#notePresence(auditNote),
      windowEnded: (userId) => this.#departures.windowEnded(userId),
    });
    this.#admission = new Admission(this.clock, deps.chance.id, () => this.#watchEmpty());
    const isOpen = () => this.open;
    this.#names = new Names(this.#journal, this.clock, isOpen, async (userId) => {
      return (await deps.stores.campaigns.findMembership(state.campaignId, userId)).member;
    });
    this.#arrivals = new Arrivals(this.#journal, this.#admission, this.presence, this.clock, isOpen, this.#names);
    this.#departures = new Departures(this.#journal, this.presence, this.clock, isOpen);
    this.#memberships = new Memberships(this.#journal, this.#departures, this.clock, isOpen);
    this.#streams = new Streams(this.#journal, this.clock, (userId) => this.#streamsChanged(userId));
    this.waitingRoom = new WaitingRoom(this.#journal, this.clock, () => this.#watchEmpty());
    this.#empty = new Countdown(this.clock, () => this.#emptyForLong());
    this.#autoPause = new AutoPause(this.#journal, this.presence, this.clock, handover?.autoPauseInMs ?? undefined);
    if (handover === undefined) this.presence.restoreAll();
    else this.presence.takeOver(handover.people);
    this.#watchEmpty();
    this.#snapshotter.changed(0);
  }

  get open(): boolean {
    return this.#closing === undefined;
  }

  /** Committed commands, over the last 10 s at most. */
  get commandsPerSecond(): number {
    return this.#commands.perSecond(this.clock.steady());
  }

  /** How long until the server pauses it for want of a GM, undefined where it will not; of a closed one too. */
  get autoPauseInMs(): number | undefined {
    return this.#autoPause.inMs;
  }

  /** For whoever opened it for a pause that was due: unless a GM is here. */
  pauseNow(): void {
    this.#autoPause.pauseNow();
  }

  /** records that wait or are under way */
  get depth(): number {
    return this.#journal.depth;
  }

  /** people on their way in, by reservation */
  get arriving(): number {
    return this.#admission.size;
  }

  /** @returns how to stop observing */
  observe(observer: SessionObserver): () => void {
    return this.#observers.add(observer);
  }

  // Coming in and going out

  /**
   * Reserves what somebody needs to come in: a connection, and on their first join a place and the use of an invite.
   * Given back after 10 s unless `join` takes it up.
   * @param openConnections sockets that the person has open here
   * @param closeSilent see `Admission.reserve`
   */
  reserve(visitor: Visitor, openConnections: number, closeSilent: () => boolean): Reservation | Denial {
    if (!this.open || !this.#journal.available) {
      return this.#admission.denies(this.committed, visitor, openConnections) ?? "unavailable";
    }
    const reserved = this.#admission.reserve(this.#journal.head, visitor, openConnections, closeSilent);
    if (typeof reserved !== "string" || this.#journal.depth === 0) return reserved;
    // A denial sends people away for good: one that rests on what is not stored yet is told when it is, to who tries again.
    return this.#admission.denies(this.committed, visitor, openConnections) === reserved ? reserved : "unavailable";
  }

  /** Gives a reservation back before its time. */
  giveBack(reservationId: string): void {
    this.#admission.giveBack(reservationId);
  }

  /**
   * Takes up a reservation: with somebody's first connection their place, and the use of the invite, are recorded.
   * @param connectionId unique per socket
   * @returns as whom they are in; `expired` where the reservation was given back; or why they no longer may
   */
  join(reservationId: string, connectionId: string): Promise<Place | Denial | "expired"> {
    return this.#arrivals.join(reservationId, connectionId);
  }

  /** Somebody leaves on purpose over a connection. The place ends with the last open one. */
  leave(userId: string, connectionId: string): Promise<void> {
    return this.#departures.leave(userId, connectionId);
  }

  /** Somebody who is in brought another token over an open connection. @param name the token's, if it has one */
  renamed(userId: string, name: string | null): void {
    this.#names.tokenCame(userId, name);
  }

  /** The campaign's members changed: rights of whoever is in change at once. */
  async memberChanged(userId: string, now: MemberState, by: Actor | undefined): Promise<void> {
    this.#observers.memberChanged(userId, now.member);
    this.#admission.memberChanged(this.#journal.head, userId, now);
    this.#names.memberChanged(userId, now.member);
    this.waitingRoom.memberChanged(userId, now);
    await this.#memberships.changed(userId, now, by);
  }

  async remove(
    userId: string,
    by: Actor,
    { ban, reason }: { ban: boolean; reason: string },
  ): Promise<"done" | "limit_reached"> {
    const removed = await this.#departures.remove(userId, by, ban, reason);
    if (removed === "limit_reached") return removed;
    // Streams are open to people without a place.
    if (removed === "nothing") this.#observers.evicted(userId, ban ? "banned" : "removed");
    return "done";
  }

  unban(userId: string, by: Actor): Promise<"done"> {
    return this.#departures.unban(userId, by);
  }

  /** Somebody closed one of a person's connections in the monitor. */
  connectionClosed(userId: string, by: Closer): void {
    const actor = by.via === "member" ? by : SYSTEM;
    const data = by.via === "member" ? { userId } : { userId, by: by.userId };
    this.#journal.note(note("connection.closed", actor, this.clock.now(), data));
  }

  // The four steps, settings, invites

  /** @param by undefined: the server itself */
  step(name: Step, by: Actor | undefined, reason: string): Promise<"done" | "unchanged" | "invalid_transition"> {
    return takeStep(this.#journal, this.clock, name, by, reason);
  }

  update(update: Update, by: Actor): Promise<"done" | "session_ended"> {
    return applyUpdate(this.#journal, this.clock, update, by);
  }

  createInvite(
    terms: InviteTerms,
    by: Actor,
  ): Promise<{ readonly invite: Invite; readonly token: string } | "session_ended" | "limit_reached"> {
    return createInvite(this.#journal, this.clock, this.#deps.chance, terms, by);
  }

  /** @param disconnect whether those who came by it are closed at once; revoked already, it closes them all the same */
  async revokeInvite(inviteId: string, by: Actor, disconnect: boolean): Promise<"done" | "not_found"> {
    const revoked = await revokeInvite(this.#journal, this.clock, inviteId, by);
    if (revoked === "done" && disconnect) await this.#departures.revokeAll(`invite:${inviteId}`);
    return revoked;
  }

  // Streams

  /** Streams that somebody has open on this session. */
  streamsOf(userId: string): number {
    return this.#streams.of(userId);
  }

  /** Somebody opened a stream: it is audited, and GMs see it. @returns to be called when it ends */
  streamOpened(person: Pick<Actor, "userId" | "via">): () => void {
    return this.#streams.opened(person);
  }

  /** Saves a snapshot now. @throws StoreUnavailable */
  async snapshot(): Promise<void> {
    await this.#snapshotter.save();
  }

  /** Whether another process has to go on with it at once, should this one stop: people have a place, or a pause is due. */
  get isAwaited(): boolean {
    return this.#journal.head.places.size > 0 || this.autoPauseInMs !== undefined;
  }

  /**
   * Decides nothing more, so that another process can go on with it: what is decided is still recorded and shown, and what
   * comes from now on is told to try again. To be closed next, whatever becomes of it.
   * @returns what that process needs to know; undefined: it was closed meanwhile
   */
  async handOver(): Promise<Omit<Handover, "from"> | undefined> {
    this.#autoPause.stop();
    this.#empty.stop();
    this.#streams.endAll();
    void this.#journal.flushNotes().catch(() => undefined);
    this.#journal.stop();
    await this.#journal.settled();
    if (!this.open) return undefined;
    const handover = { people: this.presence.handOver(), autoPauseInMs: this.autoPauseInMs ?? null };
    this.presence.stop();
    return handover;
  }

  /**
   * Ends the running of this session here, not the session. Everybody is told, what is decided is still recorded, a
   * snapshot is saved; each of these as far as the store lets it.
   */
  close(why: Closing): Promise<void> {
    this.#closing ??= this.#close(why);
    return this.#closing;
  }

  /**
   * Something threw that may not: an observer, a timer, our own code. What is in memory is no longer trusted, so that
   * everybody is closed with `host_moved`, and the session is opened again from its log. Never throws.
   */
  broke(error: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#deps.onBroken?.(this.sessionId, error);
    void this.close("host_moved");
  }

  async #close(why: Closing): Promise<void> {
    this.#empty.stop();
    this.#autoPause.stop();
    this.waitingRoom.stop();
    this.#admission.clear();
    await this.#observers.closed(why, (error) => this.#deps.onBroken?.(this.sessionId, error));
    this.#streams.stop();
    if (why !== "host_moved") await this.#journal.flushNotes().catch(() => undefined);
    this.#journal.stop();
    this.presence.stop();
    await this.#journal.settled();
    await this.#snapshotter.close(why === "host_moved" ? "as it is" : "save");
    await this.#deps.stores.leases.release(this.sessionId, this.committed.epoch).catch(() => undefined);
    this.#deps.onClosed(this, why);
  }

  /** Brings what follows from committed records into effect, then lets the observers show them. */
  #committed(records: readonly LogRecord[], bytes: number): Promise<void> | undefined {
    const { facts } = this.#deps;
    if (facts !== undefined) for (const record of records) facts.recorded(record);
    if (this.#isBroken) return undefined;
    for (const record of records) this.#takeEffect(record);
    const showing = this.#observers.committed(records);
    for (const record of records) {
      const why = evictionIn(record);
      if (why !== undefined) this.#observers.evicted(departedIn(record)!, why);
    }
    if (records.some(isSavedAtOnce)) void this.#snapshotter.saveOrTryLater();
    this.#snapshotter.changed(bytes);
    this.#watchEmpty();
    this.#autoPause.watch();
    this.waitingRoom.committed(records);
    return showing;
  }

  #takeEffect(record: LogRecord): void {
    const { content } = record;
    if (content.kind === "commands") this.#commands.add(content.commands.length, this.clock.steady());
    const departed = departedIn(record);
    if (departed !== undefined) {
      this.presence.placeEnded(departed);
      this.desk.forget(departed);
      this.#names.placeEnded(departed);
    }
    if (content.kind === "place" && content.change.what === "joined") {
      this.#arrivals.seatUnused(content.change.place.userId);
    }
    if (content.kind === "settings") {
      this.presence.settingsChanged();
      this.#snapshotter.settingsChanged();
    }
    if (content.kind === "status" && content.status === "ended") {
      this.presence.allPlacesEnded();
      // The answer to who ended it comes first, then everybody is told.
      this.clock.after(0, () => void this.close("session_ended"));
    }
  }

  /** Of a place whose end is on its way to the store nothing more is told, unless it does not end after all. */
  #notePresence(auditNote: AuditNote): void {
    const { userId } = auditNote.actor;
    const { head, committed } = this.#journal;
    const isEnding =
      userId !== null && committed.places.has(userId) && (!head.places.has(userId) || this.#arrivals.isJoining(userId));
    if (isEnding) this.#journal.stored().catch(() => this.#journal.note(auditNote));
    else this.#journal.note(auditNote);
  }

  #peopleChanged(userIds: ReadonlySet<string>): void {
    if (this.#isBroken) return;
    this.#observers.peopleChanged(userIds);
    this.#watchEmpty();
    this.#autoPause.watch();
  }

  #streamsChanged(userId: string): void {
    if (this.presence.of(userId) !== undefined) this.#peopleChanged(new Set([userId]));
    else this.#watchEmpty();
  }

  #watchEmpty(): void {
    const isEmpty =
      this.#journal.head.places.size === 0 &&
      this.#admission.size === 0 &&
      !this.#streams.any &&
      !this.waitingRoom.isHeld;
    this.#empty.watch(isEmpty, EMPTY_CLOSES_AFTER_MS);
  }

  #emptyForLong(): void {
    if (this.#journal.depth > 0) this.#watchEmpty();
    else void this.close("idle");
  }
}

/** Whether a snapshot is saved as soon as this is recorded. */
function isSavedAtOnce({ content }: LogRecord): boolean {
  return content.kind === "status" && (content.status === "paused" || content.status === "ended");
}
