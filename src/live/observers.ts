import type { LogRecord } from "../core/record.ts";
import type { Member } from "../ports/campaigns.ts";
import type { Closing, Eviction, SessionObserver } from "./observer.ts";

/** Whoever shows one running session. One of them that throws leaves the others untold: the session is broken then. */
export class Observers {
  readonly #observers = new Set<SessionObserver>();
  readonly #onBroken: (error: unknown) => void;

  constructor(onBroken: (error: unknown) => void) {
    this.#onBroken = onBroken;
  }

  /** @returns how to stop observing */
  add(observer: SessionObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * @returns undefined where viewers have been sent what changed, else a promise of that
   * @throws whatever one of them throws: the journal breaks for it
   */
  committed(records: readonly LogRecord[]): Promise<void> | undefined {
    const showing: Promise<void>[] = [];
    for (const observer of this.#observers) {
      const shown = observer.committed(records);
      if (shown !== undefined) showing.push(shown);
    }
    return showing.length === 0 ? undefined : Promise.all(showing).then(() => undefined);
  }

  peopleChanged(userIds: ReadonlySet<string>): void {
    this.#tell((observer) => observer.peopleChanged(userIds));
  }

  memberChanged(userId: string, member: Member | undefined): void {
    this.#tell((observer) => observer.memberChanged?.(userId, member));
  }

  /** Where one throws everybody is closed, those who were to be among them; what they may is checked when they come again. */
  evicted(userId: string, why: Eviction): void {
    this.#tell((observer) => observer.evicted(userId, why));
  }

  /**
   * Resolves when everybody has been told, whatever becomes of it: an observer that cannot say good-bye keeps nobody from
   * opening the session again.
   * @param onFault is told of each that could not
   */
  async closed(why: Closing, onFault: (error: unknown) => void): Promise<void> {
    const sayGoodBye = async (observer: SessionObserver): Promise<void> => {
      try {
        await observer.closed(why);
      } catch (error) {
        onFault(error);
      }
    };
    await Promise.all([...this.#observers].map(sayGoodBye));
  }

  #tell(what: (observer: SessionObserver) => void): void {
    try {
      for (const observer of this.#observers) what(observer);
    } catch (error) {
      this.#onBroken(error);
    }
  }
}
