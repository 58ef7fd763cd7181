import type { AuditEvent } from "./record.ts";
import type { Place, Role, Via } from "./session.ts";
import type { SessionState } from "./state.ts";

/** One person's part in a session, over all the places they had in it. Immutable; times are ms since 1970. */
export interface Attendance {
  readonly name: string;
  readonly role: Role;
  readonly via: Via;
  readonly firstJoinedAt: number;
  /** up to when they were online; says nothing while they are */
  readonly lastSeenAt: number;
  /** online and idle together, up to `onlineSince` */
  readonly onlineMs: number;
  /** null while they are not online */
  readonly onlineSince: number | null;
  /** sockets over the session's life */
  readonly connections: number;
  /** returns since they took their present place */
  readonly reconnects: number;
  /** their last drop since then; 0 = never */
  readonly droppedAt: number;
  /** whether their last place was taken from them, and how; null while they have one */
  readonly evicted: "removed" | "access_revoked" | null;
}

type Book = Map<string, Attendance>;

/** A place was taken. Their time online begins with the event `participant.joined`, not before. */
export function admit(book: Book, place: Place): void {
  const { userId, name, role, via, joinedAt } = place;
  const before = book.get(userId);
  const now = { name, role, via, reconnects: 0, droppedAt: 0, evicted: null };
  if (before !== undefined) book.set(userId, { ...before, ...now });
  else {
    const nothingYet = { lastSeenAt: joinedAt, onlineMs: 0, onlineSince: null, connections: 0 };
    book.set(userId, { ...now, ...nothingYet, firstJoinedAt: joinedAt });
  }
}

/** Somebody with a place is somebody else from here on: another role, name or way in. */
export function rename(book: Book, userId: string, as: Pick<Place, "name" | "role" | "via">): void {
  const before = book.get(userId);
  if (before !== undefined) book.set(userId, { ...before, name: as.name, role: as.role, via: as.via });
}

/** Sockets that were opened. Those of people who never had a place count for nobody. */
export function countSockets(book: Book, sockets: { readonly [userId: string]: number }): void {
  for (const [userId, opened] of Object.entries(sockets)) {
    const before = book.get(userId);
    if (before !== undefined) book.set(userId, { ...before, connections: before.connections + opened });
  }
}

/**
 * What an audit event means for who was here. Idle counts as online. Events about people who never had a place (the ban
 * of a stranger) concern nobody here.
 */
export function attend(book: Book, event: AuditEvent): void {
  const at = Date.parse(event.at);
  switch (event.kind) {
    case "session.ended":
      for (const userId of book.keys()) endOnline(book, userId, at);
      return;
    case "session.restored": {
      const aliveUntil = timeOf(event.data.aliveUntil) ?? Number.NEGATIVE_INFINITY;
      for (const userId of book.keys()) drop(book, userId, aliveUntil);
      return;
    }
    default:
  }
  const userId = typeof event.data.userId === "string" ? event.data.userId : event.actor.userId;
  const person = userId === null ? undefined : book.get(userId);
  if (userId === null || person === undefined) return;
  switch (event.kind) {
    case "participant.joined":
      book.set(userId, { ...person, onlineSince: person.onlineSince ?? at });
      return;
    case "participant.reconnected":
      book.set(userId, { ...person, onlineSince: person.onlineSince ?? at, reconnects: person.reconnects + 1 });
      return;
    case "participant.dropped":
      drop(book, userId, at);
      return;
    case "participant.left":
    case "participant.removed":
    case "participant.banned":
      endOnline(book, userId, at);
      book.set(userId, { ...book.get(userId)!, evicted: evictionBy(event) });
      return;
    default:
  }
}

function evictionBy({ kind, data }: AuditEvent): Attendance["evicted"] {
  if (kind === "participant.removed") return "removed";
  return data.reason === "access_revoked" ? "access_revoked" : null;
}

/** `data.aliveUntil`: ms since 1970, or ISO 8601. */
function timeOf(value: string | number | boolean | null | undefined): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : value;
  return typeof ms === "number" && Number.isFinite(ms) ? ms : undefined;
}

function drop(book: Book, userId: string, at: number): void {
  const person = book.get(userId);
  if (person === undefined || person.onlineSince === null) return;
  endOnline(book, userId, at);
  book.set(userId, { ...book.get(userId)!, droppedAt: Math.max(at, person.onlineSince) });
}

/** Ends a time online, if one runs. Never before it began: clocks of two hosts may differ. */
function endOnline(book: Book, userId: string, at: number): void {
  const person = book.get(userId);
  if (person === undefined || person.onlineSince === null) return;
  const until = Math.max(at, person.onlineSince);
  const onlineMs = person.onlineMs + until - person.onlineSince;
  book.set(userId, { ...person, onlineMs, onlineSince: null, lastSeenAt: until });
}

/** `GET /api/sessions/:id/history`, as it is answered: whole seconds, times in ISO 8601 UTC. */
export interface SessionHistory {
  readonly sessionId: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly liveSeconds: number;
  readonly pausedSeconds: number;
  /** in the order of their first joining */
  readonly participants: readonly {
    readonly userId: string;
    readonly name: string;
    readonly role: Role;
    readonly via: Via;
    readonly firstJoinedAt: string;
    readonly lastSeenAt: string;
    readonly onlineSeconds: number;
    readonly connections: number;
  }[];
  /** audit events so far */
  readonly events: number;
}

/** @param now ms since 1970: what still runs is counted up to here */
export function history(state: SessionState, now: number): SessionHistory {
  const { sessionId, startedAt, endedAt, status, statusSince } = state;
  const running = (what: "live" | "paused") => (status === what ? Math.max(0, now - statusSince) : 0);
  return {
    sessionId,
    startedAt: startedAt === null ? null : iso(startedAt),
    endedAt: endedAt === null ? null : iso(endedAt),
    liveSeconds: wholeSeconds(state.liveMs + running("live")),
    pausedSeconds: wholeSeconds(state.pausedMs + running("paused")),
    participants: Array.from(state.attendance, ([userId, person]) => {
      const { name, role, via, onlineSince, connections } = person;
      const onlineMs = onlineSince === null ? 0 : Math.max(0, now - onlineSince);
      return {
        userId,
        name,
        role,
        via,
        firstJoinedAt: iso(person.firstJoinedAt),
        lastSeenAt: iso(onlineSince === null ? person.lastSeenAt : Math.max(now, onlineSince)),
        onlineSeconds: wholeSeconds(person.onlineMs + onlineMs),
        connections,
      };
    }),
    events: state.auditCount,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
