/** Beyond this no answer is encoded any more, for anybody. */
const MOST_OF_PROCESS = 128 * 1024 * 1024;
/** Nor for somebody of whose answers so much is not taken: one person does not use up what all have. */
const MOST_OF_PERSON = 32 * 1024 * 1024;

/** What is held in memory for some answers. What several of them share is there once. */
class Held {
  readonly #times = new Map<object, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(what: object, bytes: number): void {
    const times = this.#times.get(what) ?? 0;
    this.#times.set(what, times + 1);
    if (times === 0) this.#bytes += bytes;
  }

  remove(what: object, bytes: number): void {
    const times = this.#times.get(what) ?? 0;
    if (times > 1) {
      this.#times.set(what, times - 1);
    } else if (this.#times.delete(what)) {
      this.#bytes -= bytes;
    }
  }
}

/**
 * The answers of this process that are encoded and not taken yet, snapshots of streams included. Whoever encodes one asks
 * before, and holds it until it is taken or cut.
 */
export class UnsentAnswers {
  readonly #all = new Held();
  readonly #people = new Map<string, Held>();

  /** bytes in memory */
  get bytes(): number {
    return this.#all.bytes;
  }

  /** Whether another answer may be encoded. @param userId undefined: of nobody who is known */
  hasRoomFor(userId: string | undefined): boolean {
    if (this.#all.bytes >= MOST_OF_PROCESS) return false;
    return userId === undefined || (this.#people.get(userId)?.bytes ?? 0) < MOST_OF_PERSON;
  }

  /**
   * An answer is on its way.
   * @param what the same for answers that share their bytes
   * @returns to be called when it was taken or cut; again, it does nothing
   */
  hold(what: object, bytes: number, userId: string | undefined): () => void {
    this.#all.add(what, bytes);
    if (userId !== undefined) {
      const theirs = this.#people.get(userId) ?? new Held();
      this.#people.set(userId, theirs);
      theirs.add(what, bytes);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#all.remove(what, bytes);
      if (userId === undefined) return;
      const theirs = this.#people.get(userId);
      theirs?.remove(what, bytes);
      if (theirs?.bytes === 0) this.#people.delete(userId);
    };
  }
}
