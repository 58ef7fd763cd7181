import type { ServerResponse } from "node:http";
import { needsApproval } from "../../core/knocks.ts";
import { participantOf } from "../../core/participant.ts";
import { canRead, isHidden, type Reader } from "../../core/paths.ts";
import type { LogRecord } from "../../core/record.ts";
import type { Role } from "../../core/session.ts";
import type { Claims } from "../../identity/claims.ts";
import { type Standing, standingOf } from "../../live/admission.ts";
import type { Closing, Eviction, SessionObserver } from "../../live/observer.ts";
import { PatchPacer } from "../../live/patch-pacer.ts";
import type { LiveSession } from "../../live/sessions.ts";
import type { Member, MemberState } from "../../ports/campaigns.ts";
import { Change } from "./change.ts";
import { encodeEvent, entryProperty, patchJson, property } from "./events.ts";
import { StreamLine } from "./line.ts";
import type { TicketUse } from "./tickets.ts";

/** Between two patches of a busy session, in ms: what is committed meanwhile shares one. */
const PATCH_FLOOR_MS = 20;

/** One open stream: who reads it, as what, and over which line. */
interface StreamReader {
  readonly userId: string;
  role: Role;
  now: MemberState;
  readonly line: StreamLine;
}

const shownBy = new WeakMap<LiveSession, SessionStreams>();

/**
 * Opens a stream of a running session. Nothing may be awaited between looking at somebody's rights and this.
 * @param now their membership of the campaign
 * @param use of the ticket by which they come, if by one
 */
export function openStream(
  session: LiveSession,
  claims: Claims,
  now: MemberState,
  response: ServerResponse,
  use?: TicketUse,
): "opened" | "session_ended" | "unavailable" | "banned" | "approval_needed" | "not_found" {
  if (session.committed.status === "ended") return "session_ended";
  if (!session.open) return "unavailable";
  const standing = standingNow(session, claims.userId, now);
  if (typeof standing === "string") return standing;
  // What is shown now may cut the last slow reader off, and with them what stood here.
  shownBy.get(session)?.show();
  const streams = shownBy.get(session) ?? new SessionStreams(session);
  streams.add(standing, now, claims.expiresAt, response, use);
  return "opened";
}

/** As whom somebody would come into the room now without bringing an invite, or why not. */
function standingNow(
  { committed, clock }: LiveSession,
  userId: string,
  { member, removal }: MemberState,
): Standing | "banned" | "approval_needed" | "not_found" {
  const visitor = { userId, name: null, member, removal, inviteHash: undefined };
  const standing = standingOf(committed, visitor, clock.now());
  if (typeof standing === "string") return standing === "banned" ? standing : "not_found";
  const caller = { role: standing.role, hasPlace: committed.places.has(userId), removal };
  return needsApproval(committed, caller, committed.knocks.get(userId)) ? "approval_needed" : standing;
}

/**
 * The streams that show one running session. Exists while there is one: a session without streams does nothing for
 * them. What is shown is always the committed state as a whole, so that many commits may share a patch.
 */
class SessionStreams implements SessionObserver {
  readonly #session: LiveSession;
  readonly #readers = new Set<StreamReader>();
  readonly #pacer: PatchPacer;
  readonly #stopObserving: () => void;
  /** paths where something changed since the last patch, and people */
  readonly #changedPaths = new Set<string>();
  readonly #changedPeople = new Set<string>();
  /** what readers have been sent; participants as JSON text */
  readonly #participants = new Map<string, string>();
  #seq: number;
  #status: string;
  #title: string;
  /** what everybody sees of the entries, as JSON properties: kept until something changes */
  #openEntries: string | undefined;

  constructor(session: LiveSession) {
    this.#session = session;
    const { seq, status, title, places } = session.committed;
    this.#seq = seq;
    this.#status = status;
    this.#title = title;
    for (const userId of places.keys()) this.#participantChanged(userId);
    this.#pacer = new PatchPacer(session.clock, PATCH_FLOOR_MS, () => this.show());
    this.#stopObserving = session.observe(this);
    shownBy.set(session, this);
  }

  /** With nothing left to show: what follows the snapshot is what changes from here on. */
  add(
    { userId, role, via }: Standing,
    now: MemberState,
    expiresAt: number,
    response: ServerResponse,
    use: TicketUse | undefined,
  ): void {
    let closed: (() => void) | undefined;
    const line = new StreamLine(response, expiresAt, this.#session.clock, () => {
      this.#readers.delete(reader);
      closed?.();
      use?.over();
      if (this.#readers.size === 0) this.#stop();
    });
    const reader: StreamReader = { userId, role, now, line };
    this.#readers.add(reader);
    use?.opened(() => line.end(null));
    line.start(encodeEvent("snapshot", this.#snapshotJson(reader)));
    closed = this.#session.streamOpened({ userId, via });
  }

  // What the session tells

  committed(records: readonly LogRecord[]): undefined {
    let endings = false;
    for (const { content } of records) {
      switch (content.kind) {
        case "commands":
          for (const command of content.commands) for (const [path] of command.changes) this.#changedPaths.add(path);
          break;
        case "place": {
          const { change } = content;
          this.#changedPeople.add(change.what === "joined" ? change.place.userId : change.userId);
          endings ||= change.what === "removed" || change.what === "left";
          break;
        }
        case "invite":
          endings ||= content.change.what === "revoked";
          break;
        case "settings":
          endings ||= content.settings?.admission === "approve";
          break;
        default: // status and title (of a `settings` too) are compared when they are shown; what else there is does not show
      }
    }
    // Before anything is shown: who may no longer read gets none of it.
    if (endings) for (const reader of [...this.#readers]) this.#review(reader);
    void this.#pacer.commit();
  }

  peopleChanged(userIds: ReadonlySet<string>): void {
    for (const userId of userIds) this.#changedPeople.add(userId);
    this.#pacer.request();
  }

  evicted(userId: string, why: Eviction): void {
    for (const { line } of this.#readersOf(userId)) line.end(why);
  }

  memberChanged(userId: string, member: Member | undefined): void {
    for (const reader of this.#readersOf(userId)) {
      reader.now = { ...reader.now, member };
      if (member === undefined) reader.line.end("access_revoked");
      else this.#review(reader);
    }
  }

  async closed(why: Closing): Promise<void> {
    this.show();
    for (const { line } of [...this.#readers]) line.end(why === "session_ended" ? why : null);
    this.#stop();
  }

  #stop(): void {
    this.#stopObserving();
    this.#pacer.stop();
    if (shownBy.get(this.#session) === this) shownBy.delete(this.#session);
  }

  #readersOf(userId: string): StreamReader[] {
    return [...this.#readers].filter((reader) => reader.userId === userId);
  }

  /** Ends the stream of somebody who could not open it now, and shows what their role lets them see. */
  #review(reader: StreamReader): void {
    const standing = standingNow(this.#session, reader.userId, reader.now);
    if (typeof standing === "string") {
      reader.line.end(standing === "banned" ? "banned" : "access_revoked");
      return;
    }
    if (standing.role === reader.role) return;
    // First what was committed while they had their old role, so that the difference is between two known states.
    this.show();
    const before: Reader = { userId: reader.userId, role: reader.role };
    reader.role = standing.role;
    this.#regrant(reader, before);
  }

  #regrant(reader: StreamReader, before: Reader): void {
    const { seq, entries } = this.#session.committed;
    const set: string[] = [];
    const gone: string[] = [];
    for (const [path, entry] of entries) {
      if (!isHidden(path)) continue;
      const saw = canRead(path, before);
      const sees = canRead(path, reader);
      if (sees && !saw) set.push(entryProperty(path, entry));
      if (saw && !sees) gone.push(JSON.stringify(path));
    }
    if (set.length + gone.length > 0) reader.line.write(encodeEvent("patch", patchJson(seq, set, gone)));
  }

  // Showing

  /** Shows everything that is committed and not yet shown. */
  show(): void {
    const { committed } = this.#session;
    if (committed.seq !== this.#seq || this.#changedPaths.size > 0) {
      this.#seq = committed.seq;
      this.#openEntries = undefined;
      const change = new Change(committed, this.#changedPaths);
      this.#changedPaths.clear();
      for (const reader of [...this.#readers]) reader.line.write(change.for(reader));
    }
    for (const userId of this.#changedPeople) {
      if (this.#participantChanged(userId)) this.#tell("presence", this.#presenceJson(userId));
    }
    this.#changedPeople.clear();
    if (committed.status !== this.#status) {
      this.#status = committed.status;
      this.#tell("status", JSON.stringify({ status: this.#status }));
    }
    if (committed.title !== this.#title) {
      this.#title = committed.title;
      this.#tell("title", JSON.stringify({ title: this.#title }));
    }
  }

  #tell(name: "presence" | "status" | "title", json: string): void {
    const bytes = encodeEvent(name, json);
    for (const { line } of [...this.#readers]) line.write(bytes);
  }

  /** Brings what is known of a participant up to now. @returns whether that is something else than readers were sent */
  #participantChanged(userId: string): boolean {
    const place = this.#session.committed.places.get(userId);
    const how = this.#session.presence.of(userId);
    if (place === undefined || how === undefined) return this.#participants.delete(userId);
    const json = JSON.stringify(participantOf(place, how));
    if (this.#participants.get(userId) === json) return false;
    this.#participants.set(userId, json);
    return true;
  }

  #presenceJson(userId: string): string {
    return this.#participants.get(userId) ?? JSON.stringify({ userId, left: true });
  }

  #snapshotJson(reader: Reader): string {
    const { seq, status, title, entries } = this.#session.committed;
    const open: string[] = [];
    const hidden: string[] = [];
    for (const [path, entry] of entries) {
      if (isHidden(path)) {
        if (canRead(path, reader)) hidden.push(entryProperty(path, entry));
      } else if (this.#openEntries === undefined && canRead(path, reader)) open.push(entryProperty(path, entry));
    }
    this.#openEntries ??= open.join(",");
    const shown = [this.#openEntries, hidden.join(",")].filter((text) => text !== "").join(",");
    const people = Array.from(this.#participants, ([userId, json]) => property(userId, json)).join(",");
    const head = `"seq":${seq},"status":${JSON.stringify(status)},"title":${JSON.stringify(title)}`;
    return `{${head},"entries":{${shown}},"participants":{${people}}}`;
  }
}
