import type { Settings } from "./session.ts";

export type Presence = "online" | "idle" | "disconnected";
export type Activity = "none" | "typing" | "rolling" | "acting";

/**
 * What changed. `presence`, `activity` and `seen` are for the eyes of the others; `idle`, `online`, `dropped` and
 * `reconnected` say the same for the audit trail; `windowEnded` asks for the end of a place. `at` is ms since 1970.
 */
export type PresenceFact =
  | { readonly what: "presence"; readonly userId: string; readonly presence: Presence }
  | { readonly what: "activity"; readonly userId: string; readonly activity: Activity }
  | { readonly what: "seen"; readonly userId: string; readonly lastSeenAt: number }
  | { readonly what: "idle" | "online" | "reconnected" | "windowEnded"; readonly userId: string; readonly at: number }
  | { readonly what: "dropped"; readonly userId: string; readonly at: number; readonly reconnectUntil: number };

/** How somebody with a place is there. Times: ms since 1970. */
export interface PersonPresence {
  readonly presence: Presence;
  readonly activity: Activity;
  readonly lastSeenAt: number;
  /** 0 unless disconnected */
  readonly reconnectUntil: number;
  /** returns since they took their place */
  readonly reconnects: number;
  /** the last time their last connection was lost; 0 = never */
  readonly droppedAt: number;
  /** open connections */
  readonly connections: number;
}

interface Person {
  readonly userId: string;
  /** connection id → whether it counts as online or idle; the newest last */
  readonly connections: Map<string, "online" | "idle">;
  presence: Presence;
  activity: Activity;
  activityAt: number;
  /** the last command, activity, declaration or new connection */
  signAt: number;
  lastSeenAt: number;
  reconnectUntil: number;
  windowEnded: boolean;
  reconnects: number;
  droppedAt: number;
}

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
  #idleAfterMs: number;
  #activityTimeoutMs: number;
  /** never later than the earliest deadline */
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(settings: Pick<Settings, "idleAfter" | "activityTimeout">) {
    this.#idleAfterMs = settings.idleAfter * 1000;
    this.#activityTimeoutMs = settings.activityTimeout * 1000;
  }

  /** Other settings, effective at once, also for what is under way. */
  settingsChanged(settings: Pick<Settings, "idleAfter" | "activityTimeout">): void {
    this.#idleAfterMs = settings.idleAfter * 1000;
    this.#activityTimeoutMs = settings.activityTimeout * 1000;
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
      person = newPerson(userId, now);
      this.#people.set(userId, person);
    } else if (person.connections.size === 0) {
      person.reconnects += 1;
      person.reconnectUntil = 0;
      person.windowEnded = false;
      facts.push({ what: "reconnected", userId, at: now });
    }
    person.connections.set(connectionId, "online");
    this.#sign(person, now);
    this.#settle(person, now, facts);
    return facts;
  }

  /**
   * A socket is lost or closed. With the person's last one they are dropped, and have a window to come back; one of
   * 0 ms ends at once. Of an unknown connection: nothing.
   */
  disconnected(userId: string, connectionId: string, now: number, windowMs: number): readonly PresenceFact[] {
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.delete(connectionId)) return NOTHING;
    const facts: PresenceFact[] = [];
    if (person.connections.size > 0) {
      this.#settle(person, now, facts);
      return facts;
    }
    person.droppedAt = now;
    this.#openWindow(person, now, windowMs);
    this.#setActivity(person, "none", facts);
    this.#settle(person, now, facts);
    facts.push({ what: "dropped", userId, at: now, reconnectUntil: person.reconnectUntil });
    this.#endWindowIfOver(person, now, facts);
    return facts;
  }

  /** What a connection says of itself. `online` is a sign of life like a command. */
  declared(userId: string, connectionId: string, status: "online" | "idle", now: number): readonly PresenceFact[] {
    if (status === "online") return this.acted(userId, connectionId, now);
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.has(connectionId)) return NOTHING;
    const facts: PresenceFact[] = [];
    person.connections.set(connectionId, "idle");
    this.#settle(person, now, facts);
    return facts;
  }

  /** A command came over a connection: its person is online. O(1); answers nothing but once a minute. */
  acted(userId: string, connectionId: string, now: number): readonly PresenceFact[] {
    const person = this.#people.get(userId);
    if (person === undefined || !person.connections.has(connectionId)) return NOTHING;
    person.connections.set(connectionId, "online");
    person.signAt = now;
    if (person.presence === "online" && now - person.lastSeenAt < SEEN_EVERY_MS) return NOTHING;
    const facts: PresenceFact[] = [];
    this.#sign(person, now);
    this.#settle(person, now, facts);
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
    this.#setActivity(person, kind, facts);
    if (kind !== "none") this.#wakeBy(now + this.#activityTimeoutMs);
    return facts;
  }

  /** A place ended, however: its person and their connections are forgotten, and say nothing more. */
  placeEnded(userId: string): void {
    this.#people.delete(userId);
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
    const person: Person = { ...newPerson(userId, now), lastSeenAt, droppedAt, reconnects };
    this.#people.set(userId, person);
    this.#openWindow(person, now, windowMs);
    const facts: PresenceFact[] = [{ what: "presence", userId, presence: "disconnected" }];
    this.#endWindowIfOver(person, now, facts);
    return facts;
  }

  /** Does what is due: activities that time out, people who fall idle, windows that end. O(people). */
  advance(now: number): readonly PresenceFact[] {
    const facts: PresenceFact[] = [];
    for (const person of this.#people.values()) {
      if (this.#activityEndsAt(person) <= now) this.#setActivity(person, "none", facts);
      if (this.#idleAt(person) <= now) {
        for (const connectionId of person.connections.keys()) person.connections.set(connectionId, "idle");
        this.#settle(person, now, facts);
      }
      this.#endWindowIfOver(person, now, facts);
    }
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
    this.#wakeBy(now + this.#idleAfterMs);
  }

  /** Brings a person's presence up to that of their best connection. */
  #settle(person: Person, now: number, facts: PresenceFact[]): void {
    const { userId, presence: before } = person;
    const presence = bestOf(person.connections);
    if (presence === before) return;
    person.presence = presence;
    person.lastSeenAt = now;
    facts.push({ what: "presence", userId, presence });
    if (before === "online" && presence === "idle") facts.push({ what: "idle", userId, at: now });
    if (before === "idle" && presence === "online") facts.push({ what: "online", userId, at: now });
  }

  #setActivity(person: Person, activity: Activity, facts: PresenceFact[]): void {
    if (person.activity === activity) return;
    person.activity = activity;
    facts.push({ what: "activity", userId: person.userId, activity });
  }

  #openWindow(person: Person, now: number, windowMs: number): void {
    person.reconnectUntil = now + windowMs;
    person.windowEnded = false;
    this.#wakeBy(person.reconnectUntil);
  }

  /** Says so once; the person stays, disconnected, until `placeEnded` or until they come back before that. */
  #endWindowIfOver(person: Person, now: number, facts: PresenceFact[]): void {
    if (this.#windowEndsAt(person) > now) return;
    person.windowEnded = true;
    facts.push({ what: "windowEnded", userId: person.userId, at: now });
  }

  #idleAt(person: Person): number {
    return person.presence === "online" ? person.signAt + this.#idleAfterMs : Number.POSITIVE_INFINITY;
  }

  #activityEndsAt(person: Person): number {
    return person.activity === "none" ? Number.POSITIVE_INFINITY : person.activityAt + this.#activityTimeoutMs;
  }

  #windowEndsAt(person: Person): number {
    const isPending = person.presence === "disconnected" && !person.windowEnded;
    return isPending ? person.reconnectUntil : Number.POSITIVE_INFINITY;
  }

  #wakeBy(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }

  #findNextWake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const person of this.#people.values()) {
      this.#wakeBy(Math.min(this.#idleAt(person), this.#activityEndsAt(person), this.#windowEndsAt(person)));
    }
  }
}

function newPerson(userId: string, now: number): Person {
  return {
    userId,
    connections: new Map(),
    presence: "disconnected",
    activity: "none",
    activityAt: 0,
    signAt: now,
    lastSeenAt: now,
    reconnectUntil: 0,
    windowEnded: false,
    reconnects: 0,
    droppedAt: 0,
  };
}

function bestOf(connections: ReadonlyMap<string, "online" | "idle">): Presence {
  if (connections.size === 0) return "disconnected";
  for (const presence of connections.values()) if (presence === "online") return "online";
  return "idle";
}
