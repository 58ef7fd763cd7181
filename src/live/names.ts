import { shownName } from "../core/shown-name.ts";
import { isSeen } from "../core/text.ts";
import type { Member } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";

/** What could not be looked up or recorded is tried again so often. */
const RETRY_MS = 1_000;

/**
 * The names under which people with a place are shown, on their way into one session's log: with a token that brings
 * another one it changes at once. What cannot be recorded now is recorded later; only the name that came last counts.
 */
export class Names {
  /** the newest token or name that came, by user: what belongs to an earlier one is past */
  readonly #turns = new Map<string, number>();
  #count = 0;
  /** members as this session was told of them: newer than what a store answers */
  readonly #told = new Map<string, Member | undefined>();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #isOpen: () => boolean;
  readonly #findMember: (userId: string) => Promise<Member | undefined>;

  /**
   * @param isOpen whether the session still runs
   * @param findMember a member of the session's campaign, as the store has them
   */
  constructor(
    journal: Journal,
    clock: Clock,
    isOpen: () => boolean,
    findMember: (userId: string) => Promise<Member | undefined>,
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#isOpen = isOpen;
    this.#findMember = findMember;
  }

  /** Somebody is shown under this name from now on, if they have a place. */
  shown(userId: string, name: string): void {
    this.#record(userId, name, this.#nextTurn(userId));
  }

  /** Somebody brought a token of this name. Whether they are shown under it depends on what they are called as a member. */
  tokenCame(userId: string, name: string | null): void {
    void this.#lookUp(userId, name, this.#nextTurn(userId));
  }

  /** Somebody's membership changed; what it means for their name is recorded with it. */
  memberChanged(userId: string, member: Member | undefined): void {
    this.#told.set(userId, member);
    if (typeof member?.name === "string" && isSeen(member.name)) this.#nextTurn(userId);
  }

  /** A place ended: nothing that waits for it counts any more. */
  placeEnded(userId: string): void {
    this.#turns.delete(userId);
    this.#told.delete(userId);
  }

  async #lookUp(userId: string, name: string | null, turn: number): Promise<void> {
    let member: Member | undefined;
    try {
      member = this.#told.has(userId) ? undefined : await this.#findMember(userId);
    } catch {
      this.#later(userId, turn, () => void this.#lookUp(userId, name, turn));
      return;
    }
    if (this.#told.has(userId)) member = this.#told.get(userId);
    if (this.#turns.get(userId) === turn) this.#record(userId, shownName(member?.name, name, userId), turn);
  }

  #record(userId: string, name: string, turn: number): void {
    const place = this.#journal.head.places.get(userId);
    if (place === undefined || place.name === name) return;
    const { role, via } = place;
    this.#journal
      .propose({ kind: "place", change: { what: "role", userId, role, name, via } }, [])
      .catch(() => this.#later(userId, turn, () => this.#record(userId, name, turn)));
  }

  #later(userId: string, turn: number, again: () => void): void {
    if (!this.#isOpen()) return;
    this.#clock.after(RETRY_MS, () => {
      if (this.#isOpen() && this.#turns.get(userId) === turn) again();
    });
  }

  #nextTurn(userId: string): number {
    this.#turns.set(userId, ++this.#count);
    return this.#count;
  }
}
