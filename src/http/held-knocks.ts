import { knockersIn } from "../core/access-list.ts";
import type { LogRecord } from "../core/record.ts";
import type { SessionObserver } from "../live/observer.ts";
import type { LiveSession } from "../live/sessions.ts";
import type { Clock } from "../ports/clock.ts";

/** Answers that are held for one person, who may have several devices. */
const MOST_PER_PERSON = 4;
/** As many as may wait at a session: whoever waits finds one. */
const MOST_PER_SESSION = 100;

interface Held {
  readonly userId: string;
  end(): void;
}

const heldBy = new WeakMap<LiveSession, HeldKnocks>();

/**
 * Holds an answer until something may have changed for its person, or for some time. Nothing may be awaited between looking at how
 * they stand and this.
 * @param ms at most so long
 * @param onGone takes what is to be called when nobody waits for the answer any more
 * @returns a promise of the moment to look again; "too_many" where that many are held already
 */
export function holdKnock(
  session: LiveSession,
  userId: string,
  ms: number,
  clock: Clock,
  onGone: (end: () => void) => void,
): Promise<void> | "too_many" {
  const held = heldBy.get(session) ?? new HeldKnocks(session);
  return held.hold(userId, ms, clock, onGone);
}

/** The answers that are held for people who wait at one running session. Exists while there is one. */
class HeldKnocks implements SessionObserver {
  readonly #session: LiveSession;
  /** the oldest first */
  readonly #held = new Set<Held>();
  readonly #stopObserving: () => void;
  readonly #release: () => void;

  constructor(session: LiveSession) {
    this.#session = session;
    this.#stopObserving = session.observe(this);
    this.#release = session.waitingRoom.hold();
    heldBy.set(session, this);
  }

  hold(userId: string, ms: number, clock: Clock, onGone: (end: () => void) => void): Promise<void> | "too_many" {
    if (!this.#makeRoom(userId)) return "too_many";
    return new Promise((resolve) => {
      const held: Held = {
        userId,
        end: () => {
          cancel();
          resolve();
          this.#held.delete(held);
          if (this.#held.size === 0) this.#stop();
        },
      };
      const cancel = clock.after(ms, held.end);
      this.#held.add(held);
      onGone(held.end);
    });
  }

  committed(records: readonly LogRecord[]): undefined {
    for (const { content } of records) {
      if (content.kind === "knock") for (const userId of knockersIn(content.change)) this.#endOf(userId);
      if (content.kind === "settings" || content.kind === "status") this.#endAll();
      if (content.kind !== "place") continue;
      this.#endOf(content.change.what === "joined" ? content.change.place.userId : content.change.userId);
    }
  }

  peopleChanged(): void {}

  evicted(userId: string): void {
    this.#endOf(userId);
  }

  memberChanged(userId: string): void {
    this.#endOf(userId);
  }

  async closed(): Promise<void> {
    this.#endAll();
  }

  /** Who has none held finds one: what others have besides their first gives way. */
  #makeRoom(userId: string): boolean {
    const count = new Map<string, number>();
    for (const held of this.#held) count.set(held.userId, (count.get(held.userId) ?? 0) + 1);
    const theirs = count.get(userId) ?? 0;
    if (theirs >= MOST_PER_PERSON) return false;
    if (this.#held.size < MOST_PER_SESSION) return true;
    const spare = theirs > 0 ? undefined : [...this.#held].find((held) => (count.get(held.userId) ?? 0) > 1);
    spare?.end();
    return spare !== undefined;
  }

  #endOf(userId: string): void {
    for (const held of [...this.#held]) if (held.userId === userId) held.end();
  }

  #endAll(): void {
    for (const held of [...this.#held]) held.end();
  }

  #stop(): void {
    this.#stopObserving();
    this.#release();
    if (heldBy.get(this.#session) === this) heldBy.delete(this.#session);
  }
}
