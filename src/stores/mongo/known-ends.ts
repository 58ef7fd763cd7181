/** Sessions remembered; the least recently written are forgotten. */
const SESSIONS_KEPT = 20_000;

/**
 * Up to where logs are known to go: never too far, maybe not far enough, for other processes write too. With it most
 * appends need no look at what stands there.
 */
export class KnownEnds {
  readonly #ends = new Map<string, number>();

  /** 0 where nothing is known, which is true of every log. */
  of(sessionId: string): number {
    return this.#ends.get(sessionId) ?? 0;
  }

  /** Notes that records up to and with a position are stored. */
  reach(sessionId: string, pos: number): void {
    const end = Math.max(pos, this.of(sessionId));
    this.#ends.delete(sessionId);
    this.#ends.set(sessionId, end);
    if (this.#ends.size <= SESSIONS_KEPT) return;
    for (const [oldest] of this.#ends) {
      this.#ends.delete(oldest);
      return;
    }
  }
}
