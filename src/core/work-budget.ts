/** Contract section 5: what one participant may have, a session has so many times, and the process. */
const SESSION_SHARE = 3;
const PROCESS_SHARE = 6;
/** A burst is what so many seconds bring. */
const BURST_SECONDS = 4;

/** Units of work for so many bytes that are decoded, written or answered: one for each KiB. */
export function unitsOf(bytes: number): number {
  return bytes / 1024;
}

/**
 * The work that a process does for its sessions, in units (docs/decisions/0011-budget-of-work.md). Each session gets a
 * budget of its own from it. Where they want more than there is, each is sure of an equal part, so that a session that
 * wants little never waits for one that wants much. Times in ms of any steady clock.
 */
export class ProcessWork {
  /** of one participant; 0 = no limit */
  readonly unitsPerSecond: number;
  readonly #level = new Level();
  #second = Number.NEGATIVE_INFINITY;
  #active = 0;
  #activeBefore = 0;

  constructor(unitsPerSecond: number) {
    this.unitsPerSecond = unitsPerSecond;
  }

  /** The budget of one more session. */
  session(): SessionWork {
    return new SessionWork(this);
  }

  /** @returns 0, or the ms to wait. `share` is the session's own level of what it is sure of */
  waitFor(units: number, now: number, share: Level): number {
    const wait = this.#level.waitFor(units, now, PROCESS_SHARE * this.unitsPerSecond);
    return wait === 0 ? 0 : Math.min(wait, share.waitFor(units, now, this.#perSession));
  }

  owe(units: number, now: number, share: Level): void {
    this.#level.owe(units, now, PROCESS_SHARE * this.unitsPerSecond);
    share.owe(units, now, this.#perSession);
  }

  /** A session works in this second, counted from 0: to be told once in each. */
  worksIn(second: number): void {
    if (second !== this.#second) {
      this.#activeBefore = second === this.#second + 1 ? this.#active : 0;
      this.#active = 0;
      this.#second = second;
    }
    this.#active += 1;
  }

  /** What each session is sure of, by how many there are that work. */
  get #perSession(): number {
    return (PROCESS_SHARE * this.unitsPerSecond) / Math.max(1, this.#active, this.#activeBefore);
  }
}

/** The work that is done for one session, and for each of its participants. */
export class SessionWork {
  readonly #process: ProcessWork;
  readonly #level = new Level();
  readonly #share = new Level();
  readonly #byUser = new Map<string, Level>();
  #second = Number.NEGATIVE_INFINITY;

  constructor(process: ProcessWork) {
    this.#process = process;
  }

  /**
   * Pays for work that is about to be done for somebody, if participant, session and process have as much; more than any
   * burst is had where there is a whole burst.
   * @param again what they need when they ask again, where that is more
   * @returns 0, or the ms after which there is enough, if nobody takes it before
   */
  spend(userId: string, units: number, now: number, again = units): number {
    const perSecond = this.#process.unitsPerSecond;
    if (perSecond === 0) return 0;
    this.#noteWork(now);
    if (this.#waitFor(userId, units, now) > 0) return this.#waitFor(userId, again, now);
    this.owe(userId, units, now);
    return 0;
  }

  /** Counts work that is done already, whether there was enough for it or not. */
  owe(userId: string, units: number, now: number): void {
    const perSecond = this.#process.unitsPerSecond;
    if (perSecond === 0) return;
    this.#noteWork(now);
    this.#levelOf(userId).owe(units, now, perSecond);
    this.#level.owe(units, now, SESSION_SHARE * perSecond);
    this.#process.owe(units, now, this.#share);
  }

  /** Counts a refusal for want of budget: it is work as well, but only its sender's. */
  refused(userId: string, now: number): void {
    const perSecond = this.#process.unitsPerSecond;
    if (perSecond > 0) this.#levelOf(userId).owe(1, now, perSecond);
  }

  /** Forgets somebody who is gone, once that says nothing: a level that is not full is kept. */
  forget(userId: string, now: number): void {
    if (this.#byUser.get(userId)?.isFull(now, this.#process.unitsPerSecond)) this.#byUser.delete(userId);
  }

  #waitFor(userId: string, units: number, now: number): number {
    const perSecond = this.#process.unitsPerSecond;
    return Math.max(
      this.#levelOf(userId).waitFor(units, now, perSecond),
      this.#level.waitFor(units, now, SESSION_SHARE * perSecond),
      this.#process.waitFor(units, now, this.#share),
    );
  }

  #noteWork(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#process.worksIn(second);
  }

  #levelOf(userId: string): Level {
    let level = this.#byUser.get(userId);
    if (level === undefined) {
      level = new Level();
      this.#byUser.set(userId, level);
    }
    return level;
  }
}

/** Units that come back at a rate, which may be another each time, up to a burst. May be below 0: a debt. */
class Level {
  #units = Number.POSITIVE_INFINITY;
  #at = Number.NEGATIVE_INFINITY;

  /** @returns 0, or the ms until there are so many; never more than a burst is waited for */
  waitFor(units: number, now: number, perSecond: number): number {
    this.#refill(now, perSecond);
    const missing = Math.min(units, BURST_SECONDS * perSecond) - this.#units;
    return missing <= ROUNDING ? 0 : Math.max(1, Math.ceil((missing * 1_000) / perSecond));
  }

  owe(units: number, now: number, perSecond: number): void {
    this.#refill(now, perSecond);
    this.#units -= units;
  }

  isFull(now: number, perSecond: number): boolean {
    return this.waitFor(BURST_SECONDS * perSecond, now, perSecond) === 0;
  }

  #refill(now: number, perSecond: number): void {
    const elapsedMs = Math.max(0, now - this.#at);
    this.#units = Math.min(BURST_SECONDS * perSecond, this.#units + (elapsedMs * perSecond) / 1_000);
    this.#at = Math.max(this.#at, now);
  }
}

/** For the rounding of fractions of a unit. */
const ROUNDING = 1e-6;
