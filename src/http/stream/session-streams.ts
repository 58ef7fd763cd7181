import type { ServerResponse } from "node:http";
import { canRead, isHidden, type Reader } from "../../core/paths.ts";
import type { LogRecord } from "../../core/record.ts";
import type { Role } from "../../core/session.ts";
import type { Standing } from "../../live/admission.ts";
import type { Entrance } from "../../live/entrance.ts";
import type { Closing, Eviction, SessionObserver } from "../../live/observer.ts";
import { PatchPacer } from "../../live/patch-pacer.ts";
import type { LiveSession } from "../../live/sessions.ts";
import type { Member, MemberState } from "../../ports/campaigns.ts";
import type { UnsentAnswers } from "../unsent-answers.ts";
import { viewerOf, type WholeStates } from "../whole-states.ts";
import { encodeEvent, entryProperty, patchJson } from "./events.ts";
import { StreamLine } from "./line.ts";
import type { OpenStreams } from "./open-streams.ts";
import { ShownSession } from "./shown-session.ts";
import { standingNow } from "./standing-now.ts";
import type { TicketUse } from "./tickets.ts";

/** Between two patches of a busy session, in ms: what is committed meanwhile shares one. */
const PATCH_FLOOR_MS = 20;

/** What the streams of a process share. */
export interface StreamDeps {
  readonly unsent: UnsentAnswers;
  readonly wholeStates: WholeStates;
  readonly openStreams: OpenStreams;
}

/** One open stream: who reads it, as what, and over which line. */
interface StreamReader {
  readonly userId: string;
  role: Role;
  now: MemberState;
  readonly line: StreamLine;
  /** whether they have their snapshot; until then they are sent nothing */
  isIn: boolean;
}

/**
 * The streams that show one running session. Exists while there is one: a session without streams does nothing for
 * them. What is shown is always the committed state as a whole, so that many commits may share a patch.
 */
export class SessionStreams implements SessionObserver {
  readonly #session: LiveSession;
  readonly #deps: StreamDeps;
  readonly #readers = new Set<StreamReader>();
  readonly #shown: ShownSession;
  readonly #pacer: PatchPacer;
  readonly #entrance: Entrance<StreamReader>;
  readonly #stopObserving: () => void;
  #isOver = false;

  constructor(session: LiveSession, deps: StreamDeps) {
    this.#session = session;
    this.#deps = deps;
    this.#shown = new ShownSession(session);
    this.#pacer = new PatchPacer(session.clock, PATCH_FLOOR_MS, () => this.#show());
    this.#entrance = deps.wholeStates.entrance(session.clock, () => this.#show());
    this.#stopObserving = session.observe(this);
  }

  /** Whether the last reader has gone: who comes then begins anew. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another reader. The snapshot comes when its turn has come. */
  add(
    { userId, role, via }: Standing,
    now: MemberState,
    expiresAt: number,
    response: ServerResponse,
    use: TicketUse | undefined,
  ): void {
    const { openStreams } = this.#deps;
    const whenOver: (() => void)[] = [];
    const line = new StreamLine(response, expiresAt, this.#session.clock, () => {
      this.#readers.delete(reader);
      for (const tell of whenOver) tell();
      use?.over();
      if (this.#readers.size === 0) this.#stop();
    });
    const reader: StreamReader = { userId, role, now, line, isIn: false };
    this.#readers.add(reader);
    use?.opened(() => line.end(null));
    whenOver.push(openStreams.open(userId, this.#session.committed.sessionId, () => line.end("replaced")));
    whenOver.push(this.#session.streamOpened({ userId, via }));
    this.#entrance.take(reader, () => this.#letIn(reader));
  }

  /** With nothing left to show: what follows the snapshot is what changes from here on. */
  #letIn(reader: StreamReader): void {
    if (!this.#readers.has(reader)) return;
    const { unsent, wholeStates } = this.#deps;
    const { userId, line } = reader;
    // Others may have come first.
    if (!unsent.hasRoomFor(userId)) {
      line.end(null);
      return;
    }
    const viewer = viewerOf(reader, this.#session.committed);
    const snapshot = wholeStates.encoded(this.#shown, viewer, this.#shown.version, () => this.#shown.snapshot(reader));
    reader.isIn = true;
    line.start(snapshot, unsent.hold(snapshot, snapshot.length, userId));
  }

  // What the session tells

  committed(records: readonly LogRecord[]): undefined {
    let endings = false;
    for (const { content } of records) {
      switch (content.kind) {
        case "commands":
          for (const command of content.commands) for (const [path] of command.changes) this.#shown.pathChanged(path);
          break;
        case "place": {
          const { change } = content;
          this.#shown.personChanged(change.what === "joined" ? change.place.userId : change.userId);
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
    for (const userId of userIds) this.#shown.personChanged(userId);
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
    this.#show();
    for (const { line } of [...this.#readers]) line.end(why === "session_ended" ? why : null);
    this.#stop();
  }

  #stop(): void {
    this.#stopObserving();
    this.#pacer.stop();
    this.#entrance.close();
    this.#isOver = true;
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
    this.#show();
    const before: Reader = { userId: reader.userId, role: reader.role };
    reader.role = standing.role;
    if (reader.isIn) this.#regrant(reader, before);
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

  /** Shows everything that is committed and not yet shown. */
  #show(): void {
    const { change, events } = this.#shown.news();
    for (const reader of [...this.#readers]) {
      if (!reader.isIn) continue;
      if (change !== undefined) reader.line.write(change.for(reader));
      for (const event of events) reader.line.write(event);
    }
  }
}
