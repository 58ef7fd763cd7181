import { participantOf } from "../../core/participant.ts";
import { canRead, isHidden, type Reader } from "../../core/paths.ts";
import type { LiveSession } from "../../live/sessions.ts";
import { Change } from "./change.ts";
import { encodeEvent, entryProperty, property } from "./events.ts";

/** What readers are to be told, in this order: what changed in the entries, then events that are the same for all. */
export interface News {
  readonly change: Change | undefined;
  readonly events: readonly Buffer[];
}

/** What the readers of a session's streams have been shown of it, and what changed since. */
export class ShownSession {
  readonly #session: Pick<LiveSession, "committed" | "presence">;
  /** paths where something changed since, and people */
  readonly #changedPaths = new Set<string>();
  readonly #changedPeople = new Set<string>();
  /** as JSON text */
  readonly #participants = new Map<string, string>();
  #seq: number;
  #status: string;
  #title: string;
  #version = 0;

  constructor(session: Pick<LiveSession, "committed" | "presence">) {
    this.#session = session;
    const { seq, status, title, places } = session.committed;
    this.#seq = seq;
    this.#status = status;
    this.#title = title;
    for (const userId of places.keys()) this.#participantChanged(userId);
  }

  /** Another one whenever there was news. */
  get version(): string {
    return String(this.#version);
  }

  pathChanged(path: string): void {
    this.#changedPaths.add(path);
  }

  personChanged(userId: string): void {
    this.#changedPeople.add(userId);
  }

  /** Everything that is committed and not yet shown; it counts as shown from here on. */
  news(): News {
    const { committed } = this.#session;
    const events: Buffer[] = [];
    let change: Change | undefined;
    if (committed.seq !== this.#seq || this.#changedPaths.size > 0) {
      this.#seq = committed.seq;
      change = new Change(committed, this.#changedPaths);
      this.#changedPaths.clear();
    }
    for (const userId of this.#changedPeople) {
      if (this.#participantChanged(userId)) events.push(encodeEvent("presence", this.#presenceJson(userId)));
    }
    this.#changedPeople.clear();
    if (committed.status !== this.#status) {
      this.#status = committed.status;
      events.push(encodeEvent("status", JSON.stringify({ status: this.#status })));
    }
    if (committed.title !== this.#title) {
      this.#title = committed.title;
      events.push(encodeEvent("title", JSON.stringify({ title: this.#title })));
    }
    if (change !== undefined || events.length > 0) this.#version += 1;
    return { change, events };
  }

  /** The first event of a reader. With no news left: what follows it is what changes from here on. */
  snapshot(reader: Reader): Buffer {
    const { seq, status, title, entries } = this.#session.committed;
    const shown: string[] = [];
    const hidden: string[] = [];
    for (const [path, entry] of entries) {
      if (canRead(path, reader)) (isHidden(path) ? hidden : shown).push(entryProperty(path, entry));
    }
    const people = Array.from(this.#participants, ([userId, json]) => property(userId, json)).join(",");
    const head = `"seq":${seq},"status":${JSON.stringify(status)},"title":${JSON.stringify(title)}`;
    const seen = shown.concat(hidden).join(",");
    return encodeEvent("snapshot", `{${head},"entries":{${seen}},"participants":{${people}}}`);
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
}
