import { MAX_BANS } from "../core/ceilings.ts";
import type { LogRecord } from "../core/record.ts";
import type { Actor, Via } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";
import type { Eviction } from "./observer.ts";
import type { PresenceLane } from "./presence-lane.ts";

/** The end of a window that could not be recorded is tried again so often. */
const RETRY_MS = 1_000;

/** How places of one session end: left, not come back to in time, revoked, removed, banned. Throws `JournalUnavailable`. */
export class Departures {
  readonly #journal: Journal;
  readonly #presence: PresenceLane;
  readonly #clock: Clock;
  readonly #isOpen: () => boolean;

  constructor(journal: Journal, presence: PresenceLane, clock: Clock, isOpen: () => boolean) {
    this.#journal = journal;
    this.#presence = presence;
    this.#clock = clock;
    this.#isOpen = isOpen;
  }

  /** Somebody leaves on purpose over a connection. The place ends with the last open one. */
  async leave(userId: string, connectionId: string): Promise<void> {
    const person = this.#presence.of(userId);
    if (person === undefined || !this.#presence.isConnected(userId, connectionId)) return;
    if (person.connections > 1) {
      this.#presence.disconnected(userId, connectionId);
      return;
    }
    try {
      await this.end(userId, "left");
    } catch (error) {
      this.#presence.disconnected(userId, connectionId);
      throw error;
    }
  }

  /** Of somebody without a place: nothing, once that is stored. */
  async end(userId: string, why: "left" | "window_over" | "access_revoked"): Promise<void> {
    const place = this.#journal.head.places.get(userId);
    if (place === undefined) {
      await this.#journal.stored();
      return;
    }
    await this.#journal.propose({ kind: "place", change: { what: "left", userId } }, [
      note("participant.left", place, this.#clock.now(), { reason: why }),
    ]);
  }

  /** Everybody who came in that way loses their place. */
  async revokeAll(via: Via): Promise<void> {
    const came = [...this.#journal.head.places.values()].filter((place) => place.via === via);
    await Promise.all(came.map(({ userId }) => this.end(userId, "access_revoked")));
  }

  /** @returns "nothing": they had no place, nobody had admitted them, and were banned already if they were to be; that is stored */
  async remove(userId: string, by: Actor, ban: boolean, reason: string): Promise<"done" | "nothing" | "limit_reached"> {
    const { head } = this.#journal;
    if (ban && !head.banned.has(userId) && head.banned.size >= MAX_BANS) {
      await this.#journal.stored();
      return "limit_reached";
    }
    const isAdmitted = head.knocks.get(userId)?.status === "admitted";
    if (!head.places.has(userId) && !isAdmitted && (!ban || head.banned.has(userId))) {
      await this.#journal.stored();
      return "nothing";
    }
    const data = reason === "" ? { userId } : { userId, reason };
    const kind = ban ? "participant.banned" : "participant.removed";
    await this.#journal.propose({ kind: "place", change: { what: "removed", userId, ban } }, [
      note(kind, by, this.#clock.now(), data),
    ]);
    return "done";
  }

  async unban(userId: string, by: Actor): Promise<"done"> {
    if (!this.#journal.head.banned.has(userId)) {
      await this.#journal.stored();
      return "done";
    }
    await this.#journal.propose({ kind: "place", change: { what: "unbanned", userId } }, [
      note("participant.unbanned", by, this.#clock.now(), { userId }),
    ]);
    return "done";
  }

  /** Somebody did not come back in time. Tried until it is recorded, or they are back after all. */
  windowEnded(userId: string): void {
    this.end(userId, "window_over").catch(() => {
      this.#clock.after(RETRY_MS, () => {
        if (this.#isOpen() && this.#presence.isWindowOver(userId)) this.windowEnded(userId);
      });
    });
  }
}

/** Whose place a record ended, if it did. */
export function departedIn({ content }: LogRecord): string | undefined {
  if (content.kind !== "place") return undefined;
  return content.change.what === "left" || content.change.what === "removed" ? content.change.userId : undefined;
}

/** Whether the end of a place closes what its person has open, said by its record: so that it does so however late. */
export function evictionIn({ content, audit }: LogRecord): Eviction | undefined {
  if (content.kind !== "place") return undefined;
  if (content.change.what === "removed") return content.change.ban ? "banned" : "removed";
  const isRevoked = audit.some(({ kind, data }) => kind === "participant.left" && data.reason === "access_revoked");
  return isRevoked ? "access_revoked" : undefined;
}
