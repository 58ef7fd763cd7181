/** Of one person on one session: with one more, the oldest ends. */
export const MOST_PER_SESSION = 8;
/** Of one person, on all sessions. */
const MOST_PER_PERSON = 64;
/** In this process. */
const MOST = 2_000;

interface OpenStream {
  readonly sessionId: string;
  readonly end: () => void;
}

/** The streams that are open in this process, by person. */
export class OpenStreams {
  readonly #people = new Map<string, Set<OpenStream>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether another one may be opened, once older ones of that person have ended for it. */
  hasRoomFor(userId: string, sessionId: string): boolean {
    return this.#count < MOST || this.#oldest(userId, sessionId) !== undefined;
  }

  /**
   * Another one is being opened: ends the oldest of somebody who has as many as there may be.
   * @param end ends this one
   * @returns to be called when it is over; again, it does nothing
   */
  open(userId: string, sessionId: string, end: () => void): () => void {
    this.#oldest(userId, sessionId)?.end();
    const stream = { sessionId, end };
    const theirs = this.#people.get(userId) ?? new Set();
    this.#people.set(userId, theirs.add(stream));
    this.#count += 1;
    return () => {
      if (!theirs.delete(stream)) return;
      this.#count -= 1;
      if (theirs.size === 0 && this.#people.get(userId) === theirs) this.#people.delete(userId);
    };
  }

  /** The one that ends for a newer one; undefined where there is room for that beside it. */
  #oldest(userId: string, sessionId: string): OpenStream | undefined {
    const all = [...(this.#people.get(userId) ?? [])];
    const ofSession = all.filter((stream) => stream.sessionId === sessionId);
    if (ofSession.length >= MOST_PER_SESSION) return ofSession[0];
    return all.length >= MOST_PER_PERSON ? all[0] : undefined;
  }
}
