import { needsApproval } from "../core/knocks.ts";
import type { Place } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Admission, Arrival, Denial, Standing } from "./admission.ts";
import type { Journal } from "./journal.ts";
import type { Names } from "./names.ts";
import { note } from "./notes.ts";
import type { PresenceLane } from "./presence-lane.ts";

/** How people come into one session: from a reservation to a place that is recorded, and to a connection that counts. */
export class Arrivals {
  /** first joins under way: a second connection of the same person waits for the place that the first one takes */
  readonly #joining = new Map<string, Promise<void>>();
  readonly #journal: Journal;
  readonly #admission: Admission;
  readonly #presence: PresenceLane;
  readonly #clock: Clock;
  readonly #isOpen: () => boolean;
  readonly #names: Names;

  /** @param isOpen whether the session still takes anybody */
  constructor(
    journal: Journal,
    admission: Admission,
    presence: PresenceLane,
    clock: Clock,
    isOpen: () => boolean,
    names: Names,
  ) {
    this.#journal = journal;
    this.#admission = admission;
    this.#presence = presence;
    this.#clock = clock;
    this.#isOpen = isOpen;
    this.#names = names;
  }

  /** Whether the place of somebody's first connection is on its way to the store. */
  isJoining(userId: string): boolean {
    return this.#joining.has(userId);
  }

  /** See `HostedSession.join`. @throws JournalUnavailable */
  async join(reservationId: string, connectionId: string): Promise<Place | Denial | "expired"> {
    const arrival = this.#admission.take(reservationId);
    if (arrival === undefined) return "expired";
    try {
      const came = await this.#comeIn(arrival, connectionId);
      if (typeof came === "string") this.seatUnused(arrival.userId);
      return came;
    } catch (error) {
      this.seatUnused(arrival.userId);
      throw error;
    } finally {
      this.#admission.arrived(arrival);
    }
  }

  /**
   * A place that is recorded, but that nobody sits on or is about to, is kept for a window, like any other: whoever was
   * to have it may have been told that it is not known to be recorded.
   */
  seatUnused(userId: string): void {
    if (!this.#journal.committed.places.has(userId) || this.isJoining(userId)) return;
    if (this.#presence.of(userId) === undefined) this.#presence.neverCame(userId);
  }

  async #comeIn(arrival: Arrival, connectionId: string): Promise<Place | Denial> {
    const { userId } = arrival;
    for (;;) {
      const standing = this.#stillMayJoin(arrival);
      if (typeof standing === "string") {
        if (standing !== "unavailable") await this.#journal.stored();
        return standing;
      }
      const underWay = this.#joining.get(userId);
      if (underWay !== undefined) await underWay.catch(() => undefined);
      else if (this.#journal.head.places.has(userId)) break;
      else await this.#takePlace(standing);
    }
    const place = this.#journal.committed.places.get(userId) ?? this.#journal.head.places.get(userId)!;
    // Of whoever is in already the token that came last decides.
    this.#names.shown(userId, arrival.standing === "not_found" ? place.name : arrival.standing.name);
    this.#journal.countSocket(userId);
    this.#presence.connected(userId, connectionId);
    return place;
  }

  #stillMayJoin({ userId, standing }: Arrival): Standing | Denial {
    const { head } = this.#journal;
    if (standing === "not_found") return standing;
    if (!this.#isOpen() || !this.#journal.available) return "unavailable";
    if (head.banned.has(userId) && standing.role !== "gm") return "banned";
    if (head.status === "ended") return "session_ended";
    const inviteId = standing.via.startsWith("invite:") ? standing.via.slice("invite:".length) : undefined;
    if (inviteId !== undefined && head.invites.get(inviteId)?.revokedAt !== null) return "not_found";
    const { places, maxParticipants } = head;
    // A membership that ended has made them `not_found` above.
    const caller = { role: standing.role, hasPlace: places.has(userId), removal: 0 };
    if (needsApproval(head, caller, head.knocks.get(userId))) return "approval_needed";
    // A place that was on its way out when this was reserved may have stayed after all.
    if (standing.role !== "gm" && !places.has(userId) && places.size >= maxParticipants) return "session_full";
    return standing;
  }

  async #takePlace(standing: Standing): Promise<void> {
    const { userId, name, role, via, inviteId } = standing;
    const joinedAt = this.#clock.now();
    const place: Place = { userId, name, role, via, joinedAt };
    const taking = this.#journal.propose({ kind: "place", change: { what: "joined", place, inviteId } }, [
      note("participant.joined", place, joinedAt, { name, role }),
    ]);
    this.#joining.set(userId, taking);
    try {
      await taking;
    } finally {
      this.#joining.delete(userId);
    }
  }
}
