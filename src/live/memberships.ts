import { isOutBy } from "../core/access-list.ts";
import type { Actor } from "../core/session.ts";
import { shownName } from "../core/shown-name.ts";
import type { MemberState } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";
import type { Departures } from "./departures.ts";
import type { Journal } from "./journal.ts";
import { note, SYSTEM } from "./notes.ts";

/** What could not be recorded is tried again so often. */
const RETRY_MS = 1_000;

interface MembershipChange extends MemberState {
  readonly userId: string;
  /** undefined: it was found out, not told */
  readonly by: Actor | undefined;
}

/**
 * Changes of the campaign's members, on their way into one session's log. They are true already, whether they can be
 * recorded now or not: nobody asks for them a second time.
 */
export class Memberships {
  /** changes that are not recorded yet, by user: only the newest counts */
  readonly #unrecorded = new Map<string, MembershipChange>();
  readonly #journal: Journal;
  readonly #departures: Departures;
  readonly #clock: Clock;
  readonly #isOpen: () => boolean;

  constructor(journal: Journal, departures: Departures, clock: Clock, isOpen: () => boolean) {
    this.#journal = journal;
    this.#departures = departures;
    this.#clock = clock;
    this.#isOpen = isOpen;
  }

  /** @throws JournalUnavailable: it is tried again until it is recorded */
  async changed(userId: string, { member, removal }: MemberState, by: Actor | undefined): Promise<void> {
    const membership: MembershipChange = { userId, member, removal, by };
    this.#unrecorded.set(userId, membership);
    try {
      await this.#record(membership);
    } catch (error) {
      this.#recordLater(membership);
      throw error;
    }
  }

  #recordLater(membership: MembershipChange): void {
    this.#clock.after(RETRY_MS, () => {
      if (!this.#isOpen() || this.#unrecorded.get(membership.userId) !== membership) return;
      this.#record(membership).catch(() => this.#recordLater(membership));
    });
  }

  async #record(membership: MembershipChange): Promise<void> {
    await this.#adopt(membership);
    if (this.#unrecorded.get(membership.userId) === membership) this.#unrecorded.delete(membership.userId);
  }

  async #adopt({ userId, member, removal, by }: MembershipChange): Promise<void> {
    const { head } = this.#journal;
    const place = head.places.get(userId);
    if (place === undefined) {
      await this.#journal.stored();
      return;
    }
    if (member === undefined) {
      if (isOutBy(head, place.via, { userId, removal })) await this.#departures.end(userId, "access_revoked");
      return;
    }
    const name = shownName(member.name, place.name, userId);
    const { role } = member;
    if (role === place.role && name === place.name && place.via === "member") return;
    const roleNote = note("participant.role", by ?? SYSTEM, this.#clock.now(), { userId, role, was: place.role });
    await this.#journal.propose(
      { kind: "place", change: { what: "role", userId, role, name, via: "member" } },
      role === place.role ? [] : [roleNote],
    );
  }
}
