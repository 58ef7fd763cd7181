import type { Activity, PersonPresence, Presence } from "./person.ts";
import type { Place, Role } from "./session.ts";

/** Somebody with a place as everybody sees them: contract section 4. Times are ms since 1970. */
export interface Participant {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly presence: Presence;
  readonly activity: Activity;
  readonly joinedAt: number;
  readonly lastSeenAt: number;
  /** 0 unless disconnected */
  readonly reconnectUntil: number;
}

/** A place and how its person is there, as one. */
export function participantOf(place: Place, how: PersonPresence): Participant {
  const { userId, name, role, joinedAt } = place;
  const { presence, activity, lastSeenAt, reconnectUntil } = how;
  return { userId, name, role, presence, activity, joinedAt, lastSeenAt, reconnectUntil };
}
