/** Contract section 5: how long a committed command id stays known. */
export const NEWEST_OF_PERSON = 512;
export const NEWEST_OF_SESSION = 8192;

/** What a committed command was answered. `result` is JSON text. */
export interface Answer {
  readonly seq: number;
  readonly result?: string;
}

/** A remembered id as a snapshot keeps it, oldest first in a list of them. */
export type RememberedAnswer = readonly [userId: string, id: string, seq: number, result?: string];

/** An answer and its number among its person's and among the session's committed ids, both from 0. Immutable. */
interface Known {
  readonly userId: string;
  readonly id: string;
  readonly answer: Answer;
  readonly ofPerson: number;
  readonly ofSession: number;
}

/** One person's ids: all that are known, oldest first, and the newest 512 in a ring. */
interface Person {
  readonly known: Map<string, Known>;
  readonly newest: (Known | undefined)[];
  count: number;
}

/**
 * The answers of committed commands, so that a repeated id gets the first one again. An id is known while it is among
 * the session's newest 8,192 committed ids or, of somebody with a place, among their newest 512: of people who are gone
 * nothing is kept for ever. Two rings, so that every step but the end of a place is O(1).
 */
export class AnswerMemory {
  readonly #people = new Map<string, Person>();
  /** who has a place */
  readonly #placed = new Set<string>();
  readonly #newest: Known[] = [];
  #count = 0;

  /** How many ids are known, of all people. O(people). */
  get size(): number {
    let size = 0;
    for (const person of this.#people.values()) size += person.known.size;
    return size;
  }

  /** @returns undefined for an id that was never committed, or so long ago that it is forgotten */
  get(userId: string, id: string): Answer | undefined {
    return this.#people.get(userId)?.known.get(id)?.answer;
  }

  /**
   * Remembers the answer to a command that is committed as the newest of all, and forgets what leaves both windows.
   * @param result JSON text
   */
  remember(userId: string, id: string, seq: number, result?: string): void {
    let person = this.#people.get(userId);
    if (person === undefined) {
      person = { known: new Map(), newest: [], count: 0 };
      this.#people.set(userId, person);
    }
    const answer: Answer = result === undefined ? { seq } : { seq, result };
    const known: Known = { userId, id, answer, ofPerson: person.count++, ofSession: this.#count++ };
    // An id may be committed anew once it was forgotten.
    person.known.set(id, known);

    const personSlot = known.ofPerson % NEWEST_OF_PERSON;
    const sessionSlot = known.ofSession % NEWEST_OF_SESSION;
    const leavesPerson = person.newest[personSlot];
    const leavesSession = this.#newest[sessionSlot];
    person.newest[personSlot] = known;
    this.#newest[sessionSlot] = known;
    if (leavesPerson !== undefined) this.#forgetIfOld(leavesPerson);
    if (leavesSession !== undefined) this.#forgetIfOld(leavesSession);
  }

  /** Somebody has a place: what is known of them now, and what they commit from now on, is kept for longer. */
  placeTaken(userId: string): void {
    this.#placed.add(userId);
  }

  /** Somebody has none any more: of theirs only what is among the session's newest stays. O(their known ids). */
  placeEnded(userId: string): void {
    if (!this.#placed.delete(userId)) return;
    for (const known of this.#people.get(userId)?.known.values() ?? []) {
      if (this.#isOfSession(known)) return; // and so are those after it
      this.#forgetIfOld(known);
    }
  }

  /** Nobody has a place any more. */
  allPlacesEnded(): void {
    for (const userId of this.#placed) this.placeEnded(userId);
  }

  /** Forgets every id; who has a place still has it. */
  clear(): void {
    this.#people.clear();
    this.#newest.length = 0;
    this.#count = 0;
  }

  clone(): AnswerMemory {
    const copy = new AnswerMemory();
    for (const [userId, person] of this.#people) {
      copy.#people.set(userId, { known: new Map(person.known), newest: person.newest.slice(), count: person.count });
    }
    for (const userId of this.#placed) copy.#placed.add(userId);
    for (const known of this.#newest) copy.#newest.push(known);
    copy.#count = this.#count;
    return copy;
  }

  /**
   * Everything that is known, in the order of commit: remembered again in this order, with the same people in their
   * places, it is the identical memory.
   */
  toJSON(): RememberedAnswer[] {
    const all: Known[] = [];
    for (const person of this.#people.values()) all.push(...person.known.values());
    all.sort((a, b) => a.ofSession - b.ofSession);
    return all.map(({ userId, id, answer }) =>
      answer.result === undefined ? [userId, id, answer.seq] : [userId, id, answer.seq, answer.result],
    );
  }

  /** Of these the session's newest, which are the same whoever has a place. */
  newestOfSession(): RememberedAnswer[] {
    return this.toJSON().slice(-NEWEST_OF_SESSION);
  }

  /** @param placed who has a place */
  static fromJSON(remembered: readonly RememberedAnswer[], placed: Iterable<string>): AnswerMemory {
    const memory = new AnswerMemory();
    for (const userId of placed) memory.placeTaken(userId);
    for (const [userId, id, seq, result] of remembered) memory.remember(userId, id, seq, result);
    return memory;
  }

  #isOfSession({ ofSession }: Known): boolean {
    return ofSession >= this.#count - NEWEST_OF_SESSION;
  }

  #forgetIfOld(known: Known): void {
    const { userId, id, ofPerson } = known;
    const person = this.#people.get(userId);
    if (person === undefined || this.#isOfSession(known)) return;
    const isPlaced = this.#placed.has(userId);
    if (isPlaced && ofPerson >= person.count - NEWEST_OF_PERSON) return;
    // What is known by an id that was committed anew is the newer command's answer.
    if (person.known.get(id) === known) person.known.delete(id);
    const slot = ofPerson % NEWEST_OF_PERSON;
    if (person.newest[slot] === known) person.newest[slot] = undefined;
    if (person.known.size === 0 && !isPlaced) this.#people.delete(userId);
  }
}
