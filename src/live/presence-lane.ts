import type { Attendance } from "../core/attendance.ts";
import { type HandedPerson, type PersonPresence, type PresenceFact, SessionPresence } from "../core/presence.ts";
import type { AuditNote } from "../core/record.ts";
import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import type { HandedPeople } from "./handover.ts";
import { note } from "./notes.ts";

export interface PresenceLaneListener {
  /** how these people are there has changed */
  changed(userIds: ReadonlySet<string>): void;
  /** what is audited of it */
  noted(note: AuditNote): void;
  /** somebody did not come back within their window: their place is to end */
  windowEnded(userId: string): void;
}

/** A difference between the two clocks that is no jump: their rounding, and slow corrections. */
const NO_JUMP_MS = 500;

/**
 * The second lane: presence and activity, which wait for no store. Drives the pure machine of `core` with one timer per
 * session, and none while nothing is pending (rule W8). Its patience is measured by the steady clock, so that no jump of the
 * system's ends or prolongs a window; what it tells are dates.
 */
export class PresenceLane {
  readonly #presence: SessionPresence;
  readonly #state: SessionState;
  readonly #clock: Clock;
  readonly #listener: PresenceLaneListener;
  #cancelWake: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopped = false;
  /** from steady times to dates */
  #offsetMs: number;

  /** @param state the committed one, for settings and for how people came in */
  constructor(state: SessionState, clock: Clock, listener: PresenceLaneListener) {
    this.#presence = new SessionPresence(state.settings);
    this.#state = state;
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.steady();
    this.#listener = listener;
  }

  /** People online or idle. */
  get online(): number {
    return this.#presence.online;
  }

  of(userId: string): PersonPresence | undefined {
    const found = this.#presence.of(userId);
    if (found === undefined) return undefined;
    const { lastSeenAt, reconnectUntil, droppedAt } = found;
    return {
      ...found,
      lastSeenAt: this.#dateOf(lastSeenAt),
      reconnectUntil: reconnectUntil === 0 ? 0 : this.#dateOf(reconnectUntil),
      droppedAt: droppedAt === 0 ? 0 : this.#dateOf(droppedAt),
    };
  }

  /** Everybody who had a place when the session was opened here: disconnected, with a full window. */
  restoreAll(): void {
    for (const userId of this.#state.places.keys()) {
      const before = this.#state.attendance.get(userId);
      this.#take(this.#presence.restored(userId, this.#now(), this.#windowMs, this.#steadied(before)));
    }
  }

  /**
   * Everybody who had a place when the session was opened here, as its former host had them. Whoever it did not tell of took
   * their place while it handed over.
   */
  takeOver(people: HandedPeople): void {
    for (const userId of this.#state.places.keys()) {
      const before = this.#state.attendance.get(userId);
      const wasCounted = before !== undefined && before.onlineSince !== null;
      const told = people[userId];
      const handed = told === undefined ? this.#unknown(before, wasCounted) : this.#steadiedHanded(told);
      this.#take(this.#presence.handedOver(userId, handed, wasCounted, this.#now(), this.#windowMs));
    }
  }

  /** How everybody is there, for another process: with dates, and times from now on or up to now. */
  handOver(): HandedPeople {
    const now = this.#now();
    const people: Record<string, HandedPeople[string]> = Object.create(null);
    for (const [userId, { presence, ...person }] of this.#presence.handOver()) {
      people[userId] = {
        presence,
        quietMs: now - person.signAt,
        lastSeenAt: this.#dateOf(person.lastSeenAt),
        droppedAt: person.droppedAt === 0 ? 0 : this.#dateOf(person.droppedAt),
        reconnects: person.reconnects,
        windowLeftMs: presence === "disconnected" ? Math.max(0, person.reconnectUntil - now) : 0,
      };
    }
    return people;
  }

  /** Somebody has a place, but it could not be told to the connection that was to have it: gone before they came. */
  neverCame(userId: string): void {
    this.connected(userId, "");
    this.disconnected(userId, "");
  }

  isConnected(userId: string, connectionId: string): boolean {
    return this.#presence.isConnected(userId, connectionId);
  }

  /** Whether somebody who has a place is gone, and did not come back within their window. */
  isWindowOver(userId: string): boolean {
    const found = this.#presence.of(userId);
    return found?.presence === "disconnected" && found.reconnectUntil <= this.#now();
  }

  connected(userId: string, connectionId: string): void {
    this.#take(this.#presence.connected(userId, connectionId, this.#now()), userId);
  }

  /** @param isMoved the process that passed the socket on stops: its client comes by another one */
  disconnected(userId: string, connectionId: string, isMoved = false): void {
    this.#take(this.#presence.disconnected(userId, connectionId, this.#now(), this.#windowMs, isMoved), userId);
  }

  declared(userId: string, connectionId: string, status: "online" | "idle"): void {
    this.#take(this.#presence.declared(userId, connectionId, status, this.#now()));
  }

  acted(userId: string, connectionId: string): void {
    this.#take(this.#presence.acted(userId, connectionId, this.#now()));
  }

  activity(userId: string, connectionId: string, kind: "none" | "typing" | "rolling" | "acting"): void {
    this.#take(this.#presence.activity(userId, kind, this.#now(), connectionId));
  }

  placeEnded(userId: string): void {
    this.#presence.placeEnded(userId);
    this.#listener.changed(new Set([userId]));
  }

  allPlacesEnded(): void {
    const userIds = new Set(this.#presence.userIds());
    for (const userId of userIds) this.#presence.placeEnded(userId);
    this.#listener.changed(userIds);
  }

  settingsChanged(): void {
    this.#presence.settingsChanged(this.#state.settings);
    this.#arm();
  }

  /** For good: what the sockets do after this is told to nobody. */
  stop(): void {
    this.#stopped = true;
    this.#sleep();
  }

  #sleep(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
  }

  /** Steady; whether the system's clock has jumped meanwhile is looked at by the way. */
  #now(): number {
    const steady = this.#clock.steady();
    const offsetMs = this.#clock.now() - steady;
    if (Math.abs(offsetMs - this.#offsetMs) > NO_JUMP_MS) this.#offsetMs = offsetMs;
    return steady;
  }

  #dateOf(steadyMs: number): number {
    return Math.round(steadyMs + this.#offsetMs);
  }

  #steadied(before: Attendance | undefined): Partial<Attendance> {
    if (before === undefined) return {};
    const { lastSeenAt, droppedAt, reconnects } = before;
    const steadyDropped = droppedAt === 0 ? 0 : droppedAt - this.#offsetMs;
    return { lastSeenAt: lastSeenAt - this.#offsetMs, droppedAt: steadyDropped, reconnects };
  }

  #steadiedHanded({ presence, quietMs, windowLeftMs, ...handed }: HandedPeople[string]): HandedPerson {
    const now = this.#now();
    return {
      presence,
      signAt: now - quietMs,
      lastSeenAt: handed.lastSeenAt - this.#offsetMs,
      droppedAt: handed.droppedAt === 0 ? 0 : handed.droppedAt - this.#offsetMs,
      reconnects: handed.reconnects,
      reconnectUntil: now + windowLeftMs,
    };
  }

  #unknown(before: Attendance | undefined, wasCounted: boolean): HandedPerson {
    const now = this.#now();
    const { lastSeenAt = now, droppedAt = now, reconnects = 0 } = this.#steadied(before);
    const known = { lastSeenAt, droppedAt, reconnects };
    return wasCounted
      ? { ...known, presence: "online", signAt: now, reconnectUntil: 0 }
      : { ...known, presence: "disconnected", signAt: now, reconnectUntil: now + this.#windowMs };
  }

  get #windowMs(): number {
    return this.#state.settings.reconnectWindow * 1_000;
  }

  /** @param alsoChanged somebody whose connections changed, whatever the facts say */
  #take(facts: readonly PresenceFact[], alsoChanged?: string): void {
    if (this.#stopped) return;
    if (facts.length > 0 || alsoChanged !== undefined) {
      const changed = new Set(facts.map((fact) => fact.userId));
      if (alsoChanged !== undefined) changed.add(alsoChanged);
      this.#listener.changed(changed);
      for (const fact of facts) this.#tell(fact);
    }
    this.#arm();
  }

  #tell(fact: PresenceFact): void {
    switch (fact.what) {
      case "windowEnded":
        this.#listener.windowEnded(fact.userId);
        break;
      case "dropped":
      case "reconnected":
      case "idle":
      case "online": {
        const via = this.#state.places.get(fact.userId)?.via ?? "member";
        this.#listener.noted(note(`participant.${fact.what}`, { userId: fact.userId, via }, this.#dateOf(fact.at)));
        break;
      }
      default: // presence, activity, seen: shown, not audited
    }
  }

  #arm(): void {
    const wakeAt = this.#presence.nextWakeAt();
    if (wakeAt === undefined) {
      this.#sleep();
      return;
    }
    if (this.#cancelWake !== undefined && this.#wakeAt <= wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = wakeAt;
    this.#cancelWake = this.#clock.after(Math.max(0, wakeAt - this.#now()), () => {
      this.#cancelWake = undefined;
      this.#take(this.#presence.advance(this.#now()));
    });
  }
}
