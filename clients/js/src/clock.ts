/** Time, as an argument. Tests crank their own. */
export interface Clock {
  /** ms since 1970 */
  now(): number;
  /** Calls back once after `delayMs`; calling the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's time and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
