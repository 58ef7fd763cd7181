import type { Client } from "@colyseus/core";
import { knockersIn } from "../core/access-list.ts";
import { PublicDigest } from "../core/digest.ts";
import { participantOf } from "../core/participant.ts";
import { hiddenOwner, isHidden } from "../core/paths.ts";
import type { PersonPresence } from "../core/presence.ts";
import type { LogRecord } from "../core/record.ts";
import type { Entry as CoreEntry, Place } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import { ConnectionInfo, Entry, Knock, Participant, SessionSchema } from "./schema.ts";
import { grant, type Viewer, Viewers, withdraw } from "./viewers.ts";

/** What the room knows of somebody's sockets and streams. */
export interface LineFigures {
  readonly streams: number;
  readonly latencyMs: number;
  readonly client: string;
}

/**
 * Writes the schema, and nothing else does: the committed state, and how people are there, as clients see them. Only
 * what changed is touched, so that only that travels (rules R1 to R8).
 */
export class Projector {
  readonly schema: SessionSchema;
  readonly #state: SessionState;
  readonly #viewers = new Viewers();
  readonly #digest = new PublicDigest();
  /** the public entries as they stood at the last digest, of paths that changed since */
  readonly #undigested = new Map<string, CoreEntry | undefined>();
  readonly #shown = new Map<string, CoreEntry>();

  readonly #sendPatch: () => void;

  /**
   * @param state the committed state of the session, which has nothing in flight in it
   * @param sendPatch sends what has changed so far to everybody
   */
  constructor(state: SessionState, sendPatch: () => void) {
    this.#state = state;
    this.#sendPatch = sendPatch;
    this.schema = new SessionSchema();
    const { participants, entries, hidden, connections, knocks } = this.schema;
    for (const map of [participants, entries, hidden, connections, knocks]) prepareMap(map, state.firstObjectId);
    this.schema.sessionId = state.sessionId;
    this.schema.campaignId = state.campaignId;
  }

  /** Puts the state into the schema, which has its encoder by now: that gives each object its number. */
  fill(): void {
    for (const [path, entry] of this.#state.entries) this.#put(path, entry);
    for (const userId of this.#state.knocks.keys()) this.#knock(userId);
    this.#general();
    this.digest();
  }

  /** Copies what these committed records changed. */
  committed(records: readonly LogRecord[]): void {
    for (const { content } of records) {
      switch (content.kind) {
        case "commands":
          for (const command of content.commands) for (const [path] of command.changes) this.#copy(path);
          break;
        case "place":
          if (content.change.what === "role") this.#roleChanged(content.change.userId);
          this.#knock(content.change.what === "joined" ? content.change.place.userId : content.change.userId);
          break;
        case "knock":
          for (const userId of knockersIn(content.change)) this.#knock(userId);
          break;
        case "settings":
        case "status":
          // Whoever waits does no more where everybody may come in, or nobody.
          for (const userId of [...this.schema.knocks.keys()]) this.#knock(userId);
          break;
        default: // status and title are copied below; what else there is does not show
      }
    }
    this.#general();
  }

  /** How somebody is there: their row for all, and the one for GMs. Without a place both go. */
  person(userId: string, presence: PersonPresence | undefined, lines: LineFigures): void {
    const place = this.#state.places.get(userId);
    const { participants, connections } = this.schema;
    if (place === undefined || presence === undefined) {
      if (participants.has(userId)) participants.delete(userId);
      if (connections.has(userId)) connections.delete(userId);
      return;
    }
    let participant = participants.get(userId);
    if (participant === undefined) {
      participant = Object.assign(new Participant(), participantOf(place, presence));
      participants.set(userId, participant);
    } else {
      Object.assign(participant, participantOf(place, presence));
    }
    let row = connections.get(userId);
    if (row === undefined) {
      row = new ConnectionInfo();
      writeConnections(row, presence, lines);
      connections.set(userId, row);
      for (const gm of this.#viewers.gms) grant(gm, row);
    } else {
      writeConnections(row, presence, lines);
    }
  }

  /** Lets a client see what they may, from their first state on. */
  enter(client: Client, place: Place): Viewer {
    const viewer: Viewer = { client, userId: place.userId, role: place.role };
    this.#viewers.add(viewer);
    this.#grantAll(viewer);
    return viewer;
  }

  leave(viewer: Viewer): void {
    this.#viewers.remove(viewer);
  }

  /** Whether `digest` is not for the entries as they stand. */
  get digestDue(): boolean {
    return this.schema.digestSeq !== this.schema.seq;
  }

  /** Brings `digest` up to the entries as they stand: O(entries changed since the last time). */
  digest(): void {
    for (const [path, before] of this.#undigested) {
      this.#digest.replace(path, before, this.#shown.get(path));
    }
    this.#undigested.clear();
    this.schema.digest = this.#digest.hex;
    this.schema.digestSeq = this.schema.seq;
  }

  /** Who waits to be admitted, for GMs. */
  #knock(userId: string): void {
    const knock = this.#state.knocks.get(userId);
    const { knocks } = this.schema;
    if (knock?.status !== "waiting") {
      if (knocks.has(userId)) knocks.delete(userId);
      return;
    }
    const { name, role, message, since } = knock;
    const shown = knocks.get(userId);
    if (shown !== undefined) {
      Object.assign(shown, { name, role, message, since });
      return;
    }
    const fresh = Object.assign(new Knock(), { userId, name, role, message, since });
    knocks.set(userId, fresh);
    this.#viewers.show(fresh, null);
  }

  #general(): void {
    const { schema } = this;
    const { title, status, statusSince, statusBy, statusReason, seq } = this.#state;
    // The encoder ignores an equal primitive.
    Object.assign(schema, { title, status, statusSince, statusBy, statusReason, seq });
  }

  #copy(path: string): void {
    const entry = this.#state.entries.get(path);
    if (entry !== undefined) this.#put(path, entry);
    else this.#remove(path);
  }

  #put(path: string, entry: CoreEntry): void {
    if (this.#shown.get(path) === entry) return;
    const hidden = isHidden(path);
    const map = hidden ? this.schema.hidden : this.schema.entries;
    this.#noteForDigest(path, hidden);
    this.#shown.set(path, entry);
    const shown = map.get(path);
    if (shown !== undefined) {
      writeEntry(shown, entry);
      return;
    }
    const fresh = new Entry();
    writeEntry(fresh, entry);
    map.set(path, fresh);
    if (hidden) this.#viewers.show(fresh, hiddenOwner(path));
  }

  #remove(path: string): void {
    if (!this.#shown.has(path)) return;
    const hidden = isHidden(path);
    this.#noteForDigest(path, hidden);
    this.#shown.delete(path);
    (hidden ? this.schema.hidden : this.schema.entries).delete(path);
  }

  #noteForDigest(path: string, hidden: boolean): void {
    if (!hidden && !this.#undigested.has(path)) this.#undigested.set(path, this.#shown.get(path));
  }

  #roleChanged(userId: string): void {
    const role = this.#state.places.get(userId)?.role;
    if (role === undefined) return;
    // A removal that a former GM has not been sent yet would be lost on them if its key came back in the same patch.
    if (role !== "gm") this.#sendPatch();
    for (const viewer of this.#viewers.of(userId)) {
      const was = viewer.role;
      if (was === role) continue;
      this.#viewers.setRole(viewer, role);
      if (role === "gm") this.#grantAll(viewer);
      else if (was === "gm") this.#withdrawFromFormerGm(viewer);
    }
  }

  #grantAll(viewer: Viewer): void {
    const gm = viewer.role === "gm";
    for (const [path, entry] of this.schema.hidden) {
      if (gm || hiddenOwner(path) === viewer.userId) grant(viewer, entry);
    }
    if (!gm) return;
    for (const row of this.schema.connections.values()) grant(viewer, row);
    for (const knock of this.schema.knocks.values()) grant(viewer, knock);
  }

  #withdrawFromFormerGm(viewer: Viewer): void {
    for (const [path, entry] of this.schema.hidden) {
      if (hiddenOwner(path) !== viewer.userId) withdraw(viewer, entry);
    }
    for (const row of this.schema.connections.values()) withdraw(viewer, row);
    for (const knock of this.schema.knocks.values()) withdraw(viewer, knock);
  }
}

function writeEntry(shown: Entry, { value, version, by }: CoreEntry): void {
  shown.value = value;
  shown.version = version;
  shown.by = by;
}

function writeConnections(row: ConnectionInfo, presence: PersonPresence, lines: LineFigures): void {
  row.connections = presence.connections;
  row.reconnects = presence.reconnects;
  row.droppedAt = presence.droppedAt;
  row.streams = lines.streams;
  row.latencyMs = lines.latencyMs;
  row.client = lines.client;
}

/**
 * The framework keeps map keys in a plain object, which `__proto__` or `constructor`, legal here, would break. And it
 * numbers the keys of a map anew in each life: a removal would then hit, in the copy of a client that comes back, the key
 * that had this number in the life before. So the numbers go on, like those of the objects.
 */
function prepareMap(map: object, firstIndex: number): void {
  const { journal } = map as { journal: { indexByKey: object; nextIndex: number } };
  Object.setPrototypeOf(journal.indexByKey, null);
  journal.nextIndex = firstIndex;
}
