/** Time, as an argument. Tests crank their own. */
export interface Clock {
  /** ms since 1970, as the system says: it may jump, hours forward and back. For what happened when, and for dates. */
  now(): number;
  /** ms since some moment: never jumps, never goes back. For how long something takes or is to last. */
  steady(): number;
  /** Calls back once after `ms`; the answer cancels. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** Randomness, as an argument. */
export interface Chance {
  /** an opaque id of `A-Z a-z 0-9 _ -` that begins and ends with a letter or digit: chat programs cut other ends off a link */
  id(): string;
  /** an unguessable token of the same form, at least 128 random bits */
  token(): string;
  /** in [0, 1) */
  float(): number;
}
