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

/** One person's ids: all that are known, and the newest 512 in a ring. */
interface Person {
  readonly known: Map<string, Known>;
  readonly newest: Known[];
  count: number;
}

/**
 * The answers of committed commands, so that a repeated id gets the first one again. An id is known while it is among
 * its person's newest 512 committed ids or among the session's newest 8,192. Two rings, so that every step is O(1).
 */
export class AnswerMemory {
  readonly #people = new Map<string, Person>();
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

  /** Forgets every id: the memory is as new. */
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
    for (const known of this.#newest) copy.#newest.push(known);
    copy.#count = this.#count;
    return copy;
  }

  /** Everything that is known, in the order of commit: remembered again in this order, it is the identical memory. */
  toJSON(): RememberedAnswer[] {
    const all: Known[] = [];
    for (const person of this.#people.values()) all.push(...person.known.values());
    all.sort((a, b) => a.ofSession - b.ofSession);
    return all.map(({ userId, id, answer }) =>
      answer.result === undefined ? [userId, id, answer.seq] : [userId, id, answer.seq, answer.result],
    );
  }

  static fromJSON(remembered: readonly RememberedAnswer[]): AnswerMemory {
    const memory = new AnswerMemory();
    for (const [userId, id, seq, result] of remembered) memory.remember(userId, id, seq, result);
    return memory;
  }

  #forgetIfOld(known: Known): void {
    const person = this.#people.get(known.userId);
    if (person === undefined) return;
    const inPersonWindow = known.ofPerson >= person.count - NEWEST_OF_PERSON;
    const inSessionWindow = known.ofSession >= this.#count - NEWEST_OF_SESSION;
    // An id may be committed anew once it was forgotten: what is known by then is the newer command's answer.
    if (!inPersonWindow && !inSessionWindow && person.known.get(known.id) === known) person.known.delete(known.id);
  }
}
