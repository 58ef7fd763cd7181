import { inviteIdIn } from "../core/access-list.ts";
import { waiting } from "../core/knock-fold.ts";
import {
  type Asker,
  decideAnswer,
  decideKnock,
  oldestDenial,
  stillStands,
  type WaitingPerson,
} from "../core/knocks.ts";
import type { LogRecord, RecordContent } from "../core/record.ts";
import type { Actor, Knock } from "../core/session.ts";
import { shownName } from "../core/shown-name.ts";
import type { MemberState } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";

/** What could not be recorded is tried again so often. */
const RETRY_MS = 1_000;
/** Timers of the system count no further than some weeks. */
const LONGEST_TIMER_MS = 3_600_000;
/** Kinds of records after which somebody may wait no more. */
const CONCERNING: ReadonlySet<RecordContent["kind"]> = new Set(["knock", "invite", "place", "settings", "status"]);

export interface KnockTaken {
  readonly status: Knock["status"];
  /** whether there was none of theirs before */
  readonly isNew: boolean;
}

/**
 * The waiting room of one session (setting `admission`): who asks to come in, and what GMs answer. What let somebody ask may end
 * while they wait; so does their knock then. Nothing is done while nobody waits.
 */
export class WaitingRoom {
  /** memberships as this session was told of them, of those who wait; of others it is as they knocked */
  readonly #told = new Map<string, MemberState>();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onHeld: () => void;
  #held = 0;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  /** @param onHeld is called whenever `isHeld` may be another */
  constructor(journal: Journal, clock: Clock, onHeld: () => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#onHeld = onHeld;
    this.#watch(0);
  }

  /** Whether somebody waits for an answer just now: the session stays open for that. */
  get isHeld(): boolean {
    return this.#held > 0;
  }

  /** Somebody waits for an answer. @returns to be called once, when they do no more */
  hold(): () => void {
    this.#held += 1;
    this.#onHeld();
    return () => {
      this.#held -= 1;
      this.#onHeld();
    };
  }

  /** Somebody asks to come in. @param message undefined: nothing new @throws JournalUnavailable */
  async knock(asker: Asker, message: string | undefined): Promise<KnockTaken | "session_ended" | "too_many"> {
    const { head } = this.#journal;
    const isNew = !head.knocks.has(asker.userId);
    const outcome = head.status === "ended" ? "session_ended" : decideKnock(head, asker, message, this.#clock.now());
    if (typeof outcome === "string") {
      await this.#journal.stored();
      return outcome;
    }
    const { status, knock } = outcome;
    if (knock === undefined) await this.#journal.stored();
    else {
      this.#told.delete(asker.userId);
      await this.#journal.propose({ kind: "knock", change: { what: "asked", knock } }, []);
    }
    return { status, isNew };
  }

  /** A GM answers a knock; the same answer once more changes nothing. @throws JournalUnavailable */
  async answer(
    userId: string,
    by: Actor,
    answer: "admit" | "deny",
    reason: string | null,
  ): Promise<"done" | "not_found" | "session_ended"> {
    const { head } = this.#journal;
    const outcome =
      head.status === "ended" ? "session_ended" : decideAnswer(head, userId, answer, (knock) => this.#stands(knock));
    if (outcome === "session_ended" || outcome === "not_found" || outcome === "unchanged") {
      await this.#journal.stored();
      return outcome === "unchanged" ? "done" : outcome;
    }
    const now = this.#clock.now();
    if (answer === "admit") {
      const admitted = note("participant.admitted", by, now, { userId });
      await this.#journal.propose({ kind: "knock", change: { what: "admitted", userId } }, [admitted]);
    } else {
      const denied = note("participant.denied", by, now, { userId });
      const stored = this.#journal.propose({ kind: "knock", change: { what: "denied", userId, reason } }, [denied]);
      const oldest = oldestDenial(this.#journal.head);
      if (oldest !== undefined) this.#propose({ what: "lapsed", userIds: [oldest] });
      await stored;
    }
    return "done";
  }

  /** Those who wait and may, in the order in which they came. */
  listed(): Knock[] {
    return waiting(this.#journal.committed).filter((knock) => this.#stands(knock));
  }

  /** Somebody's membership of the campaign changed. */
  memberChanged(userId: string, now: MemberState): void {
    if (!this.#journal.head.knocks.has(userId)) return;
    this.#told.set(userId, now);
    this.#review();
  }

  /** To be called with what was recorded. */
  committed(records: readonly LogRecord[]): void {
    if (records.some(({ content }) => CONCERNING.has(content.kind))) this.#watch(0);
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** Looks in so many ms at those who wait, if anybody does. */
  #watch(inMs: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isStopped || waiting(this.#journal.head).length === 0) {
      this.#told.clear();
      return;
    }
    this.#cancel = this.#clock.after(inMs, () => this.#review());
  }

  /** Ends the knocks of those who may not ask any more, and brings the others up to the campaign's members. */
  #review(): void {
    if (this.#isStopped) return;
    const lapsed: string[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    for (const knock of waiting(this.#journal.head)) {
      const { userId } = knock;
      if (!this.#stands(knock)) lapsed.push(userId);
      else if (this.#personOf(knock).memberRole === "gm") this.#propose({ what: "admitted", userId });
      else {
        const asMember = this.#asMember(knock);
        if (asMember !== undefined) this.#propose({ what: "asked", knock: asMember });
        const invite = this.#journal.head.invites.get(inviteIdIn((asMember ?? knock).via) ?? "");
        if (invite !== undefined) nextMs = Math.min(nextMs, Math.max(0, invite.expiresAt - now));
      }
    }
    if (lapsed.length > 0) this.#propose({ what: "lapsed", userIds: lapsed });
    // An invite that expired a moment ago may still count for somebody who came by it once.
    if (nextMs < Number.POSITIVE_INFINITY) this.#watch(Math.min(Math.max(nextMs, RETRY_MS), LONGEST_TIMER_MS));
  }

  #propose(change: Extract<RecordContent, { kind: "knock" }>["change"]): void {
    this.#journal.propose({ kind: "knock", change }, []).catch(() => this.#watch(RETRY_MS));
  }

  #stands(knock: Knock): boolean {
    return stillStands(this.#journal.head, knock, this.#personOf(knock), this.#clock.now());
  }

  #personOf({ userId, via, role, removal }: Knock): WaitingPerson {
    const told = this.#told.get(userId);
    if (told === undefined) return { memberRole: via === "member" ? role : undefined, removal };
    return { memberRole: told.member?.role, removal: told.removal };
  }

  /** A knock as its person now would ask, undefined where it is so. */
  #asMember(knock: Knock): Knock | undefined {
    const member = this.#told.get(knock.userId)?.member;
    if (member === undefined) return undefined;
    const name = shownName(member.name, knock.name, knock.userId);
    const { role } = member;
    const isSame = role === knock.role && name === knock.name && knock.via === "member";
    return isSame ? undefined : { ...knock, role, name, via: "member", removal: 0 };
  }
}
