import { inviteHash } from "../core/invite-hash.ts";
import type { AuditNote, LogRecord } from "../core/record.ts";
import type { Actor, Invite, InviteRole, Place, Role, Settings } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import { auditKindOf, step as nextStatus, type Step } from "../core/status.ts";
import type { Member } from "../ports/campaigns.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { Stores } from "../ports/stores.ts";
import { Admission, type Arrival, type Denial, type Reservation, type Standing, type Visitor } from "./admission.ts";
import { type CommandDeps, CommandDesk } from "./command-desk.ts";
import { guardedClock } from "./guarded-clock.ts";
import { Journal } from "./journal.ts";
import { note, SYSTEM } from "./notes.ts";
import type { Closing, Eviction, SessionObserver } from "./observer.ts";
import { PresenceLane } from "./presence-lane.ts";
import type { LiveSession } from "./sessions.ts";
import type { Snapshotter } from "./snapshotter.ts";

/** A session without people or connections is closed after this; its status stays. */
export const EMPTY_CLOSES_AFTER_MS = 60_000;
/** What has to be recorded in the end is tried again so often. */
const RETRY_MS = 1_000;

export interface HostedDeps extends CommandDeps {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly stores: Stores;
  /** the session has been closed, and is nobody's any more */
  readonly onClosed: (session: HostedSession, why: Closing) => void;
  /** something threw that may not: the session is closed for it, to be opened again from its log */
  readonly onBroken?: (sessionId: string, error: unknown) => void;
}

interface Membership {
  readonly userId: string;
  readonly member: Member | undefined;
  readonly by: Actor | undefined;
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
  /** The system's, but a timer that throws breaks this session (see `broke`). For whoever shows it, too. */
  readonly clock: Clock;
  readonly #journal: Journal;
  readonly #admission: Admission;
  readonly #snapshotter: Snapshotter;
  readonly #deps: HostedDeps;
  readonly #observers = new Set<SessionObserver>();
  /** first joins under way: a second connection of the same person waits for the place that the first one takes */
  readonly #joining = new Map<string, Promise<void>>();
  /** changes of membership that are not recorded yet, by user: only the newest counts */
  readonly #unrecorded = new Map<string, Membership>();
  /** open streams, by user */
  readonly #streams = new Map<string, number>();
  #memberChanges = 0;
  #closing: Promise<void> | undefined;
  #isBroken = false;
  #cancelEmptyTimer: (() => void) | undefined;
  #cancelNoGmTimer: (() => void) | undefined;
  /** for which that timer was set */
  #noGmSeconds = 0;

  /** @param state as the store has it, after this host's own `opened` */
  constructor(state: SessionState, snapshotter: Snapshotter, deps: HostedDeps) {
    this.sessionId = state.sessionId;
    this.committed = state;
    this.#deps = deps;
    this.#snapshotter = snapshotter;
    this.clock = guardedClock(deps.clock, (error) => this.broke(error));
    this.#journal = new Journal(state, deps.stores.log, this.clock, deps.chance, {
      committed: (records) => this.#committed(records),
      appended: (milliseconds) => deps.meter?.appended(milliseconds),
      fenced: () => {
        deps.facts?.fenced(this.sessionId, this.committed.epoch);
        void this.close("host_moved");
      },
      broken: (error) => this.broke(error),
    });
    this.desk = new CommandDesk(this.#journal, deps);
    this.presence = new PresenceLane(state, this.clock, {
      changed: (userIds) => this.#peopleChanged(userIds),
      noted: (auditNote) => this.#notePresence(auditNote),
      windowEnded: (userId) => this.#windowEnded(userId),
    });
    this.#admission = new Admission(this.clock, deps.chance.id, () => this.#watchEmpty());
    this.presence.restoreAll();
    this.#watchEmpty();
    this.#watchGms();
    this.#snapshotter.changed();
  }

  get open(): boolean {
    return this.#closing === undefined;
  }

  get memberChanges(): number {
    return this.#memberChanges;
  }

  /** records that wait or are under way */
  get depth(): number {
    return this.#journal.depth;
  }

  /** @returns how to stop observing */
  observe(observer: SessionObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
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
    const reservation = this.#admission.reserve(this.#journal.head, visitor, openConnections, closeSilent);
    this.#watchEmpty();
    return reservation;
  }

  /** Gives a reservation back before its time. */
  giveBack(reservationId: string): void {
    this.#admission.giveBack(reservationId);
    this.#watchEmpty();
  }

  /**
   * Takes up a reservation: with somebody's first connection their place, and the use of the invite, are recorded.
   * @param connectionId unique per socket
   * @returns as whom they are in; `expired` where the reservation was given back; or why they no longer may
   */
  async join(reservationId: string, connectionId: string): Promise<Place | Denial | "expired"> {
    const arrival = this.#admission.take(reservationId);
    if (arrival === undefined) return "expired";
    try {
      const came = await this.#comeIn(arrival, connectionId);
      if (typeof came === "string") this.#seatUnused(arrival.userId);
      return came;
    } catch (error) {
      this.#seatUnused(arrival.userId);
      throw error;
    } finally {
      this.#admission.arrived(arrival);
      this.#watchEmpty();
    }
  }

  async #comeIn(arrival: Arrival, connectionId: string): Promise<Place | Denial> {
    const { userId } = arrival;
    for (;;) {
      const standing = this.#stillMayJoin(arrival);
      if (typeof standing === "string") return standing;
      const underWay = this.#joining.get(userId);
      if (underWay !== undefined) await underWay.catch(() => undefined);
      else if (this.#journal.head.places.has(userId)) break;
      else await this.#takePlace(standing);
    }
    const place = this.committed.places.get(userId) ?? this.#journal.head.places.get(userId)!;
    this.#journal.countSocket(userId);
    this.presence.connected(userId, connectionId);
    return place;
  }

  /** Somebody leaves on purpose over a connection. The place ends with the last open one. */
  async leave(userId: string, connectionId: string): Promise<void> {
    const person = this.presence.of(userId);
    if (person === undefined || !this.presence.isConnected(userId, connectionId)) return;
    if (person.connections > 1) {
      this.presence.disconnected(userId, connectionId);
      return;
    }
    try {
      await this.#endPlace(userId, "left");
    } catch (error) {
      this.presence.disconnected(userId, connectionId);
      throw error;
    }
  }

  /** The campaign's members changed: rights of whoever is in change at once. */
  async memberChanged(userId: string, member: Member | undefined, by: Actor | undefined): Promise<void> {
    this.#memberChanges += 1;
    this.#tellMemberChanged(userId, member);
    this.#admission.memberChanged(userId, member);
    const membership: Membership = { userId, member, by };
    this.#unrecorded.set(userId, membership);
    try {
      await this.#recordMembership(membership);
    } catch (error) {
      this.#recordMembershipLater(membership);
      throw error;
    }
  }

  /** It is true already, whether it can be recorded now or not: nobody asks for it a second time. */
  #recordMembershipLater(membership: Membership): void {
    this.clock.after(RETRY_MS, () => {
      if (!this.open || this.#unrecorded.get(membership.userId) !== membership) return;
      this.#recordMembership(membership).catch(() => this.#recordMembershipLater(membership));
    });
  }

  async #recordMembership(membership: Membership): Promise<void> {
    await this.#adoptMembership(membership);
    if (this.#unrecorded.get(membership.userId) === membership) this.#unrecorded.delete(membership.userId);
  }

  async #adoptMembership({ userId, member, by }: Membership): Promise<void> {
    const place = this.#journal.head.places.get(userId);
    if (place === undefined) {
      await this.#journal.stored();
      return;
    }
    if (member === undefined) {
      if (place.via === "member") await this.#endPlace(userId, "access_revoked");
      return;
    }
    const name = member.name ?? place.name;
    const { role } = member;
    if (role === place.role && name === place.name && place.via === "member") return;
    const roleNote = note("participant.role", by ?? SYSTEM, this.#deps.clock.now(), { userId, role, was: place.role });
    await this.#journal.propose(
      { kind: "place", change: { what: "role", userId, role, name, via: "member" } },
      role === place.role ? [] : [roleNote],
    );
  }

  async remove(userId: string, by: Actor, { ban, reason }: { ban: boolean; reason: string }): Promise<"done"> {
    const { head } = this.#journal;
    if (!head.places.has(userId) && (!ban || head.banned.has(userId))) {
      await this.#journal.stored();
      // Streams are open to people without a place.
      this.#evict(userId, ban ? "banned" : "removed");
      return "done";
    }
    const data = reason === "" ? { userId } : { userId, reason };
    const kind = ban ? "participant.banned" : "participant.removed";
    await this.#journal.propose({ kind: "place", change: { what: "removed", userId, ban } }, [
      note(kind, by, this.#deps.clock.now(), data),
    ]);
    return "done";
  }

  async unban(userId: string, by: Actor): Promise<"done"> {
    if (!this.#journal.head.banned.has(userId)) {
      await this.#journal.stored();
      return "done";
    }
    await this.#journal.propose({ kind: "place", change: { what: "unbanned", userId } }, [
      note("participant.unbanned", by, this.#deps.clock.now(), { userId }),
    ]);
    return "done";
  }

  // The four steps, settings, invites

  /** @param by undefined: the server itself */
  async step(name: Step, by: Actor | undefined, reason: string): Promise<"done" | "unchanged" | "invalid_transition"> {
    const next = nextStatus(this.#journal.head.status, name);
    if (typeof next === "string") {
      await this.#journal.stored();
      return next;
    }
    const now = this.#deps.clock.now();
    const places = next.to === "ended" ? [...this.#journal.head.places.values()] : [];
    await this.#journal.propose({ kind: "status", status: next.to, by: by?.userId ?? "", reason }, [
      note(auditKindOf(name), by ?? SYSTEM, now, reason === "" ? {} : { reason }),
      ...places.map((place) => note("participant.left", place, now, { reason: "session_ended" })),
    ]);
    return "done";
  }

  async update(
    change: { readonly title?: string; readonly maxParticipants?: number; readonly settings?: Partial<Settings> },
    by: Actor,
  ): Promise<"done" | "session_ended"> {
    if (this.#journal.head.status === "ended") return "session_ended";
    const { title, maxParticipants, settings } = change;
    const data = {
      ...(title === undefined ? {} : { title }),
      ...(maxParticipants === undefined ? {} : { maxParticipants }),
      ...settings,
    };
    if (Object.keys(data).length === 0) return "done";
    await this.#journal.propose({ kind: "settings", ...change }, [
      note("session.updated", by, this.#deps.clock.now(), data),
    ]);
    return "done";
  }

  async createInvite(
    input: {
      readonly role: InviteRole;
      readonly maxUses: number;
      readonly expiresAt: number;
      readonly label: string | null;
    },
    by: Actor,
  ): Promise<{ readonly invite: Invite; readonly token: string } | "session_ended"> {
    if (this.#journal.head.status === "ended") return "session_ended";
    const now = this.#deps.clock.now();
    const token = this.#deps.chance.token();
    const tokenHash = inviteHash(token);
    const id = this.#deps.chance.id();
    const invite: Invite = { id, ...input, uses: 0, revokedAt: null, createdAt: now, createdBy: by.userId, tokenHash };
    const { role, maxUses, expiresAt } = input;
    const data = { inviteId: id, role, maxUses, expiresAt: new Date(expiresAt).toISOString() };
    await this.#journal.propose(
      { kind: "invite", change: { what: "created", invite } },
      [note("invite.created", by, now, data)],
      tokenHash,
    );
    return { invite, token };
  }

  /** @param disconnect whether those who came by it are closed at once; revoked already, it closes them all the same */
  async revokeInvite(inviteId: string, by: Actor, disconnect: boolean): Promise<"done" | "not_found"> {
    const invite = this.#journal.head.invites.get(inviteId);
    if (invite === undefined) return "not_found";
    if (invite.revokedAt === null) {
      await this.#journal.propose({ kind: "invite", change: { what: "revoked", inviteId } }, [
        note("invite.revoked", by, this.#deps.clock.now(), { inviteId }),
      ]);
    } else {
      await this.#journal.stored();
    }
    if (!disconnect) return "done";
    const came = [...this.#journal.head.places.values()].filter(({ via }) => via === `invite:${inviteId}`);
    await Promise.all(came.map(({ userId }) => this.#endPlace(userId, "access_revoked")));
    return "done";
  }

  // Streams

  /** Streams that somebody has open on this session. */
  streamsOf(userId: string): number {
    return this.#streams.get(userId) ?? 0;
  }

  /** Somebody opened a stream: it is audited, and GMs see it. @returns to be called when it ends */
  streamOpened(person: Pick<Actor, "userId" | "via">): () => void {
    const { userId } = person;
    const change = (by: 1 | -1, kind: "stream.opened" | "stream.closed"): void => {
      const count = this.streamsOf(userId) + by;
      if (count === 0) this.#streams.delete(userId);
      else this.#streams.set(userId, count);
      this.#journal.note(note(kind, person, this.#deps.clock.now()));
      if (this.presence.of(userId) !== undefined) this.#peopleChanged(new Set([userId]));
      else this.#watchEmpty();
    };
    let isOpen = true;
    change(1, "stream.opened");
    return () => {
      if (isOpen) change(-1, "stream.closed");
      isOpen = false;
    };
  }

  /** Saves a snapshot now. @throws StoreUnavailable */
  async snapshot(): Promise<void> {
    await this.#snapshotter.save();
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
    this.#cancelEmptyTimer?.();
    this.#cancelNoGmTimer?.();
    this.#admission.clear();
    await Promise.all([...this.#observers].map((observer) => this.#tellClosed(observer, why)));
    if (why !== "host_moved") await this.#journal.flushNotes().catch(() => undefined);
    this.#journal.stop();
    this.presence.stop();
    await this.#journal.settled();
    if (why !== "host_moved") await this.#snapshotter.saveOrTryLater();
    this.#snapshotter.stop();
    await this.#deps.stores.leases.release(this.sessionId, this.committed.epoch).catch(() => undefined);
    this.#deps.onClosed(this, why);
  }

  /** Whatever becomes of it: an observer that cannot say good-bye keeps nobody from opening the session again. */
  async #tellClosed(observer: SessionObserver, why: Closing): Promise<void> {
    try {
      await observer.closed(why);
    } catch (error) {
      this.#deps.onBroken?.(this.sessionId, error);
    }
  }

  /** Brings what follows from committed records into effect, then lets the observers show them. */
  #committed(records: readonly LogRecord[]): Promise<void> | undefined {
    const { facts } = this.#deps;
    if (facts !== undefined) for (const record of records) facts.recorded(record);
    if (this.#isBroken) return undefined;
    let saveNow = false;
    const evictions: (readonly [userId: string, why: Eviction])[] = [];
    for (const record of records) {
      const { content } = record;
      if (content.kind === "place" && (content.change.what === "left" || content.change.what === "removed")) {
        const { userId } = content.change;
        this.presence.placeEnded(userId);
        this.desk.forget(userId);
        const why = evictionOf(record);
        if (why !== undefined) evictions.push([userId, why]);
      }
      if (content.kind === "place" && content.change.what === "joined") {
        const { userId } = content.change.place;
        // Whoever was to have it may have been told that it is not known to be recorded.
        this.#seatUnused(userId);
      }
      if (content.kind === "settings") {
        this.presence.settingsChanged();
        this.#snapshotter.settingsChanged();
      }
      if (content.kind === "status") {
        saveNow ||= content.status === "paused" || content.status === "ended";
        if (content.status === "ended") {
          this.presence.allPlacesEnded();
          this.#ended();
        }
      }
    }
    const showing: Promise<void>[] = [];
    for (const observer of this.#observers) {
      const shown = observer.committed(records);
      if (shown !== undefined) showing.push(shown);
    }
    for (const [userId, why] of evictions) this.#evict(userId, why);
    if (saveNow) void this.#snapshotter.saveOrTryLater();
    this.#snapshotter.changed();
    this.#watchEmpty();
    this.#watchGms();
    return showing.length === 0 ? undefined : Promise.all(showing).then(() => undefined);
  }

  #ended(): void {
    // The answer to who ended it comes first, then everybody is told.
    this.clock.after(0, () => void this.close("session_ended"));
  }

  /** Of a place whose end is on its way to the store nothing more is told, unless it does not end after all. */
  #notePresence(auditNote: AuditNote): void {
    const { userId } = auditNote.actor;
    const { head, committed } = this.#journal;
    const isEnding =
      userId !== null && committed.places.has(userId) && (!head.places.has(userId) || this.#joining.has(userId));
    if (isEnding) this.#journal.stored().catch(() => this.#journal.note(auditNote));
    else this.#journal.note(auditNote);
  }

  #peopleChanged(userIds: ReadonlySet<string>): void {
    if (this.#isBroken) return;
    try {
      for (const observer of this.#observers) observer.peopleChanged(userIds);
    } catch (error) {
      this.broke(error);
      return;
    }
    this.#watchEmpty();
    this.#watchGms();
  }

  #tellMemberChanged(userId: string, member: Member | undefined): void {
    try {
      for (const observer of this.#observers) observer.memberChanged?.(userId, member);
    } catch (error) {
      this.broke(error);
    }
  }

  #evict(userId: string, why: Eviction): void {
    try {
      for (const observer of this.#observers) observer.evicted(userId, why);
    } catch (error) {
      // Everybody is closed then, those who were to be among them; what they may is checked when they come again.
      this.broke(error);
    }
  }

  /** A place that is recorded, but that nobody sits on or is about to: it is kept for a window, like any other. */
  #seatUnused(userId: string): void {
    if (!this.committed.places.has(userId) || this.#joining.has(userId)) return;
    if (this.presence.of(userId) === undefined) this.presence.neverCame(userId);
  }

  #stillMayJoin({ userId, standing }: Arrival): Standing | Denial {
    const { head } = this.#journal;
    if (standing === "not_found") return standing;
    if (!this.open || !this.#journal.available) return "unavailable";
    if (head.banned.has(userId) && standing.role !== "gm") return "banned";
    if (head.status === "ended") return "session_ended";
    const inviteId = standing.via.startsWith("invite:") ? standing.via.slice("invite:".length) : undefined;
    if (inviteId !== undefined && head.invites.get(inviteId)?.revokedAt !== null) return "not_found";
    const { places, maxParticipants } = head;
    // A place that was on its way out when this was reserved may have stayed after all.
    if (standing.role !== "gm" && !places.has(userId) && places.size >= maxParticipants) return "session_full";
    return standing;
  }

  async #takePlace(standing: Standing): Promise<void> {
    const { userId, name, role, via, inviteId } = standing;
    const joinedAt = this.#deps.clock.now();
    const place: Place = { userId, name, role, via, joinedAt };
    const taking = this.#journal.propose({ kind: "place", change: { what: "joined", place, inviteId } }, [
      note("participant.joined", place, joinedAt, { name, role }),
    ]);
    this.#joining.set(userId, taking);
    try {
      await taking;
    } finally {
      this.#joining.delete(userId);
    }
  }

  async #endPlace(userId: string, why: "left" | "window_over" | "access_revoked"): Promise<void> {
    const place = this.#journal.head.places.get(userId);
    if (place === undefined) {
      await this.#journal.stored();
      return;
    }
    await this.#journal.propose({ kind: "place", change: { what: "left", userId } }, [
      note("participant.left", place, this.#deps.clock.now(), { reason: why }),
    ]);
  }

  #windowEnded(userId: string): void {
    this.#endPlace(userId, "window_over").catch(() => {
      this.clock.after(RETRY_MS, () => {
        const person = this.presence.of(userId);
        if (!this.open || person?.presence !== "disconnected") return;
        if (person.reconnectUntil <= this.#deps.clock.now()) this.#windowEnded(userId);
      });
    });
  }

  #watchEmpty(): void {
    const empty = this.#journal.head.places.size === 0 && this.#admission.size === 0 && this.#streams.size === 0;
    if (!empty || !this.open) {
      this.#cancelEmptyTimer?.();
      this.#cancelEmptyTimer = undefined;
      return;
    }
    this.#cancelEmptyTimer ??= this.clock.after(EMPTY_CLOSES_AFTER_MS, () => {
      this.#cancelEmptyTimer = undefined;
      if (this.#journal.depth > 0) this.#watchEmpty();
      else void this.close("idle");
    });
  }

  /** `autoPauseWhenNoGm`: play stops by itself some time after the last GM has gone. */
  #watchGms(): void {
    const { status, settings, places } = this.committed;
    const seconds = settings.autoPauseWhenNoGm;
    const alone = this.open && status === "live" && seconds > 0 && !this.#hasGm(places.values());
    if (!alone || seconds !== this.#noGmSeconds) {
      this.#cancelNoGmTimer?.();
      this.#cancelNoGmTimer = undefined;
    }
    if (!alone) return;
    this.#noGmSeconds = seconds;
    this.#cancelNoGmTimer ??= this.clock.after(seconds * 1_000, () => {
      this.#cancelNoGmTimer = undefined;
      this.step("pause", undefined, "no GM is here").catch(() => this.#watchGms());
    });
  }

  #hasGm(places: Iterable<{ userId: string; role: Role }>): boolean {
    for (const { userId, role } of places) {
      if (role === "gm" && (this.presence.of(userId)?.connections ?? 0) > 0) return true;
    }
    return false;
  }
}

/** Whether the end of a place closes what its person has open, said by its record: so that it does so however late. */
function evictionOf({ content, audit }: LogRecord): Eviction | undefined {
  if (content.kind !== "place") return undefined;
  if (content.change.what === "removed") return content.change.ban ? "banned" : "removed";
  const isRevoked = audit.some(({ kind, data }) => kind === "participant.left" && data.reason === "access_revoked");
  return isRevoked ? "access_revoked" : undefined;
}
