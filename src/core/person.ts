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
    const presence = bestOf(this.connections);
    if (presence === before) return;
    this.presence = presence;
    this.lastSeenAt = now;
    facts.push({ what: "presence", userId, presence });
    if (before === "online" && presence === "idle") facts.push({ what: "idle", userId, at: now });
    if (before === "idle" && presence === "online") facts.push({ what: "online", userId, at: now });
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
      this.settle(now, facts);
    }
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
    return Math.min(this.#idleAt(patience), this.#activityEndsAt(patience), this.#windowEndsAt());
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
