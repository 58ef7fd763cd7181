import {
  type Activity,
  type HandedPerson,
  type Patience,
  Person,
  type PersonPresence,
  type PresenceFact,
} from "./person.ts";
import type { Settings } from "./session.ts";

export type { Activity, HandedPerson, PersonPresence, Presence, PresenceFact } from "./person.ts";

/** In seconds. */
export type PresenceSettings = Pick<Settings, "idleAfter" | "activityTimeout">;

/** Contract section 4: `lastSeenAt` alone changes no more often than this. */
export const SEEN_EVERY_MS = 60_000;

const NOTHING: readonly PresenceFact[] = Object.freeze([]);

/**
 * Who is there: the people with a place in one session, and their connections. Time is an argument. Every method
 * answers what changed and needs no timer of its own: after each, wake it (`advance`) at `nextWakeAt()`.
 *
 * Deadlines are lazy: a sign of life only notes its time, and a wake-up that comes too early finds the later deadline.
 * So a command costs the same however many people there are, and nothing is scheduled anew for it.
 */
export class SessionPresence {
  readonly #people = new Map<string, Person>();
  #patience: Patience;
  /** never later than the earliest deadline */
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(settings: PresenceSettings) {
    this.#patience = patienceOf(settings);
  }

  /** Other settings, effective at once, also for what is under way. */
  settingsChanged(settings: PresenceSettings): void {
    this.#patience = patienceOf(settings);
    this.#findNextWake();
  }

  /**
   * A socket opened: of somebody new, of somebody who comes back (`reconnected`), or one more.
   * @param connectionId unique per socket, also where a socket continues another's session
   */
  connected(userId: string, connectionId: string, now: number): readonly PresenceFact[] {
    const facts: PresenceFact[] = [];
    let person = this.#people.get(userId);
    if (person === undefined) {
      person = new Person(userId, now);
      this.#people.set(userId, person);
    } else if (person.connections.size === 0) {
      const expectedAs = person.expectedCame();
      if (expectedAs === "idle") {
        // Their client came by itself: that is no sign of theirs.
        person.connections.set(connectionId, "idle");
        return facts;
      }
      if (expectedAs === undefined) {
        person.reconnects += 1;
        person.closeWindow();
        facts.push({ what: "reconnected", userId, at: now });
      }
    }
    person.connections.set(connectionId, "online");
    this.#sign(person, now);
    person.settle(now, facts);
    return facts;
  }

  /**
   * A socket is lost or closed. With the person's last one they are dropped, and have a window to come back; one of
   * 0 ms ends at once. Of an unknown connection: nothing.
   * @param isMoved it was not lost: the process that passed it on stops, and their client comes by another one
   */
  disconnected(
    userId: string,
    connectionId: string,
    now: number,
    windowMs: number,
    isMoved = false,
  ): readonly PresenceFact[] {
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.delete(connectionId)) return NOTHING;
    const facts: PresenceFact[] = [];
    if (person.connections.size > 0) {
      person.settle(now, facts);
      return facts;
    }
    if (isMoved && person.presence !== "disconnected") {
      person.setActivity("none", facts);
      person.expectBack(now, windowMs, person.presence);
    } else {
      person.drop(now, now, windowMs, facts);
    }
    this.#wakeBy(person.nextDeadline(this.#patience));
    return facts;
  }

  /** What a connection says of itself. `online` is a sign of life like a command. */
  declared(userId: string, connectionId: string, status: "online" | "idle", now: number): readonly PresenceFact[] {
    if (status === "online") return this.acted(userId, connectionId, now);
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.has(connectionId)) return NOTHING;
    const facts: PresenceFact[] = [];
    person.connections.set(connectionId, "idle");
    person.settle(now, facts);
    return facts;
  }

  /** A command came over a connection: its person is online. O(1), and schedules nothing while they are online already. */
  acted(userId: string, connectionId: string, now: number): readonly PresenceFact[] {
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.has(connectionId)) return NOTHING;
    person.connections.set(connectionId, "online");
    person.signAt = now;
    if (person.presence === "online" && now - person.lastSeenAt < SEEN_EVERY_MS) return NOTHING;
    const facts: PresenceFact[] = [];
    this.#sign(person, now);
    person.settle(now, facts);
    if (now - person.lastSeenAt >= SEEN_EVERY_MS) {
      person.lastSeenAt = now;
      facts.push({ what: "seen", userId, lastSeenAt: now });
    }
    return facts;
  }

  /**
   * What somebody does just now, `none` included; it is a sign of life as well. The last one from any connection holds.
   * @param connectionId over which it came; without it, the newest is taken for the one
   */
  activity(userId: string, kind: Activity, now: number, connectionId?: string): readonly PresenceFact[] {
    const person = this.#people.get(userId);
    const sender = connectionId ?? [...(person?.connections.keys() ?? [])].at(-1);
    if (person === undefined || sender === undefined || !person.connections.has(sender)) return NOTHING;
    const facts = [...this.acted(userId, sender, now)];
    person.activityAt = now;
    person.setActivity(kind, facts);
    if (kind !== "none") this.#wakeBy(now + this.#patience.activityTimeoutMs);
    return facts;
  }

  /** A place ended, however: its person and their connections are forgotten, and say nothing more. */
  placeEnded(userId: string): void {
    this.#people.delete(userId);
    if (this.#people.size === 0) this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Somebody has a place from before the session was opened here: disconnected, with a full window.
   * @param before what is known of them from then
   */
  restored(
    userId: string,
    now: number,
    windowMs: number,
    before: Partial<Pick<PersonPresence, "lastSeenAt" | "droppedAt" | "reconnects">> = {},
  ): readonly PresenceFact[] {
    const { lastSeenAt = now, droppedAt = now, reconnects = 0 } = before;
    const person = Object.assign(new Person(userId, now), { lastSeenAt, droppedAt, reconnects });
    this.#people.set(userId, person);
    person.openWindow(now, windowMs);
    this.#wakeBy(person.reconnectUntil);
    const facts: PresenceFact[] = [{ what: "presence", userId, presence: "disconnected" }];
    person.endWindowIfOver(now, facts);
    return facts;
  }

  /**
   * Somebody has a place in a session that its former host handed over: whoever was there stays so for a while, and has
   * until then to be back without a word being said of it; whoever was in their window still is.
   * @param wasCounted whether the audit trail has them as online: what it was not told any more is told now
   */
  handedOver(
    userId: string,
    handed: HandedPerson,
    wasCounted: boolean,
    now: number,
    windowMs: number,
  ): readonly PresenceFact[] {
    const person = new Person(userId, now);
    this.#people.set(userId, person);
    person.takeOver(handed, now, windowMs);
    this.#wakeBy(person.nextDeadline(this.#patience));
    const { presence, reconnectUntil, droppedAt } = person;
    const facts: PresenceFact[] = [{ what: "presence", userId, presence }];
    if (presence !== "disconnected" && !wasCounted) facts.push({ what: "reconnected", userId, at: now });
    if (presence === "disconnected" && wasCounted)
      facts.push({ what: "dropped", userId, at: droppedAt, reconnectUntil });
    person.endWindowIfOver(now, facts);
    return facts;
  }

  /** How everybody with a place is there, for another host that goes on with it. */
  handOver(): ReadonlyMap<string, HandedPerson> {
    return new Map(
      Array.from(this.#people, ([userId, person]) => {
        const { presence, signAt, lastSeenAt, droppedAt, reconnects, reconnectUntil } = person;
        return [userId, { presence, signAt, lastSeenAt, droppedAt, reconnects, reconnectUntil }];
      }),
    );
  }

  /** Does what is due: activities that time out, people who fall idle, windows that end. O(people). */
  advance(now: number): readonly PresenceFact[] {
    const facts: PresenceFact[] = [];
    for (const person of this.#people.values()) person.advance(now, this.#patience, facts);
    this.#findNextWake();
    return facts;
  }

  /** When `advance` is to be called next, in ms since 1970; undefined while nothing is pending. Never too late. */
  nextWakeAt(): number | undefined {
    return Number.isFinite(this.#wakeAt) ? this.#wakeAt : undefined;
  }

  /** @returns undefined for somebody without a place */
  of(userId: string): PersonPresence | undefined {
    const person = this.#people.get(userId);
    if (person === undefined) return undefined;
    const { presence, activity, lastSeenAt, reconnectUntil, reconnects, droppedAt, connections } = person;
    return { presence, activity, lastSeenAt, reconnectUntil, reconnects, droppedAt, connections: connections.size };
  }

  /** Whether this very connection is open. */
  isConnected(userId: string, connectionId: string): boolean {
    return this.#people.get(userId)?.connections.has(connectionId) ?? false;
  }

  /** Everybody with a place, in the order in which they came. */
  userIds(): IterableIterator<string> {
    return this.#people.keys();
  }

  /** How many people are online or idle. O(people). */
  get online(): number {
    let online = 0;
    for (const person of this.#people.values()) if (person.presence !== "disconnected") online += 1;
    return online;
  }

  /** A sign of life, after which a new deadline may be pending. */
  #sign(person: Person, now: number): void {
    person.signAt = now;
    this.#wakeBy(now + this.#patience.idleAfterMs);
  }

  #wakeBy(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }

  #findNextWake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const person of this.#people.values()) this.#wakeBy(person.nextDeadline(this.#patience));
  }
}

function patienceOf({ idleAfter, activityTimeout }: PresenceSettings): Patience {
  return { idleAfterMs: idleAfter * 1000, activityTimeoutMs: activityTimeout * 1000 };
}
