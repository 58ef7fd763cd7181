/** Whose reconnection token it is. */
export interface TokenOwner {
  readonly userId: string;
  /** the framework's id of the seat, which a reconnection keeps */
  readonly seatId: string;
  readonly client: string;
}

const MAX_TOKENS_PER_PERSON = 16;

/** The reconnection tokens of a room that are good: each as long as its person's place, unless they left over it. */
export class ReconnectionTokens {
  readonly #byToken = new Map<string, TokenOwner>();
  readonly #byUser = new Map<string, Set<string>>();

  add(token: string, owner: TokenOwner): void {
    // The connection that continues a seat voids the token it came with.
    for (const older of this.#byUser.get(owner.userId) ?? []) {
      if (this.#byToken.get(older)?.seatId === owner.seatId) this.#remove(older, owner.userId);
    }
    const theirs = this.#byUser.get(owner.userId) ?? new Set();
    theirs.add(token);
    this.#byUser.set(owner.userId, theirs);
    this.#byToken.set(token, owner);
    const [oldest] = theirs;
    if (theirs.size > MAX_TOKENS_PER_PERSON && oldest !== undefined) this.#remove(oldest, owner.userId);
  }

  ownerOf(token: string): TokenOwner | undefined {
    return this.#byToken.get(token);
  }

  /** Somebody left over a seat. */
  voidSeat(userId: string, seatId: string): void {
    for (const token of this.#byUser.get(userId) ?? []) {
      if (this.#byToken.get(token)?.seatId === seatId) this.#remove(token, userId);
    }
  }

  /** Somebody's place ended. */
  voidAll(userId: string): void {
    for (const token of this.#byUser.get(userId) ?? []) this.#byToken.delete(token);
    this.#byUser.delete(userId);
  }

  #remove(token: string, userId: string): void {
    this.#byToken.delete(token);
    const theirs = this.#byUser.get(userId);
    theirs?.delete(token);
    if (theirs?.size === 0) this.#byUser.delete(userId);
  }
}
