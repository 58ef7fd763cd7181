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

/** How somebody with a place was there at the host that handed their session over. Times in ms, by the clock of this one. */
export interface HandedPerson {
  readonly presence: Presence;
  /** their last sign of life */
  readonly signAt: number;
  readonly lastSeenAt: number;
  /** the last time their last connection was lost; 0 = never */
  readonly droppedAt: number;
  readonly reconnects: number;
  /** 0 unless disconnected */
  readonly reconnectUntil: number;
}

/** Somebody whose line was moved, not lost: they are shown as before for a while. */
interface Expected {
  as: "online" | "idle";
  /** when the line went; then their window begins, should they not be back */
  readonly since: number;
  readonly until: number;
  readonly windowMs: number;
}

/** Who has to change over to another process is expected so long before anybody is shown that they are gone. */
export const EXPECTED_MS = 5_000;

/** From when on which deadline counts: settings in ms. */
export interface Patience {
  readonly idleAfterMs: number;
  readonly activityTimeoutMs: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * One person with a place: their connections, and what follows from them. They are as present as the best of their
 * connections. Every method adds what changed to `facts`.
 */
export class Person {
  readonly userId: string;
  /** connection id → whether it counts as online or idle; the newest last */
  readonly connections = new Map<string, "online" | "idle">();
  presence: Presence = "disconnected";
  activity: Activity = "none";
  activityAt = 0;
  /** the last command, activity, declaration or new connection */
  signAt: number;
  lastSeenAt: number;
  reconnectUntil = 0;
  #windowEnded = false;
  #expected: Expected | undefined;
  reconnects = 0;
  droppedAt = 0;

  constructor(userId: string, now: number) {
    this.userId = userId;
    this.signAt = now;
    this.lastSeenAt = now;
  }

  /** Brings the presence to that of the best connection. */
  settle(now: number, facts: PresenceFact[]): void {
    const { userId, presence: before } = this;
    const presence = this.connections.size === 0 && this.#expected ? this.#expected.as : bestOf(this.connections);
    if (presence === before) return;
    this.presence = presence;
    this.lastSeenAt = now;
    facts.push({ what: "presence", userId, presence });
    if (before === "online" && presence === "idle") facts.push({ what: "idle", userId, at: now });
    if (before === "idle" && presence === "online") facts.push({ what: "online", userId, at: now });
  }

  /** Their last line was moved: they stay as they are until they are back, `EXPECTED_MS` at most. */
  expectBack(now: number, windowMs: number, as: "online" | "idle"): void {
    this.presence = as;
    this.#expected = { as, since: now, until: now + EXPECTED_MS, windowMs };
  }

  /** A line is open again. @returns as what they were expected, undefined where they were not */
  expectedCame(): "online" | "idle" | undefined {
    const as = this.#expected?.as;
    this.#expected = undefined;
    return as;
  }

  /** As they were at another host: whoever was there is expected back. */
  takeOver({ signAt, lastSeenAt, droppedAt, reconnects, ...there }: HandedPerson, now: number, windowMs: number): void {
    Object.assign(this, { signAt, lastSeenAt, droppedAt, reconnects });
    if (there.presence !== "disconnected") this.expectBack(now, windowMs, there.presence);
    else this.openWindow(now, Math.max(0, there.reconnectUntil - now));
  }

  /** Their last line is lost, since `at`. */
  drop(at: number, now: number, windowMs: number, facts: PresenceFact[]): void {
    this.droppedAt = at;
    this.openWindow(at, windowMs);
    this.setActivity("none", facts);
    this.settle(now, facts);
    this.lastSeenAt = at;
    facts.push({ what: "dropped", userId: this.userId, at, reconnectUntil: this.reconnectUntil });
    this.endWindowIfOver(now, facts);
  }

  setActivity(activity: Activity, facts: PresenceFact[]): void {
    if (this.activity === activity) return;
    this.activity = activity;
    facts.push({ what: "activity", userId: this.userId, activity });
  }

  openWindow(now: number, windowMs: number): void {
    this.reconnectUntil = now + windowMs;
    this.#windowEnded = false;
  }

  closeWindow(): void {
    this.reconnectUntil = 0;
  }

  /** Does what is due. */
  advance(now: number, patience: Patience, facts: PresenceFact[]): void {
    if (this.#activityEndsAt(patience) <= now) this.setActivity("none", facts);
    if (this.#idleAt(patience) <= now) {
      for (const connectionId of this.connections.keys()) this.connections.set(connectionId, "idle");
      if (this.#expected !== undefined) this.#expected.as = "idle";
      this.settle(now, facts);
    }
    this.#giveUpIfDue(now, facts);
    this.endWindowIfOver(now, facts);
  }

  /** Says so once; the person stays, disconnected, until the place ends or until they come back before that. */
  endWindowIfOver(now: number, facts: PresenceFact[]): void {
    if (this.#windowEndsAt() > now) return;
    this.#windowEnded = true;
    facts.push({ what: "windowEnded", userId: this.userId, at: now });
  }

  /** The earliest time at which something is due; infinite where nothing is. */
  nextDeadline(patience: Patience): number {
    const expectedUntil = this.#expected?.until ?? NEVER;
    return Math.min(this.#idleAt(patience), this.#activityEndsAt(patience), this.#windowEndsAt(), expectedUntil);
  }

  #giveUpIfDue(now: number, facts: PresenceFact[]): void {
    if (this.#expected === undefined || this.#expected.until > now) return;
    const { since, windowMs } = this.#expected;
    this.#expected = undefined;
    this.drop(since, now, windowMs, facts);
  }

  #idleAt({ idleAfterMs }: Patience): number {
    return this.presence === "online" ? this.signAt + idleAfterMs : NEVER;
  }

  #activityEndsAt({ activityTimeoutMs }: Patience): number {
    return this.activity === "none" ? NEVER : this.activityAt + activityTimeoutMs;
  }

  #windowEndsAt(): number {
    return this.presence === "disconnected" && !this.#windowEnded ? this.reconnectUntil : NEVER;
  }
}

function bestOf(connections: ReadonlyMap<string, "online" | "idle">): Presence {
  if (connections.size === 0) return "disconnected";
  for (const presence of connections.values()) if (presence === "online") return "online";
  return "idle";
}
