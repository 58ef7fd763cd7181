import type { Clock } from "../ports/clock.ts";

/**
 * A clock for one session: what throws in one of its timers is told, instead of being nobody's and leaving the session
 * with half of what was due.
 */
export function guardedClock(clock: Clock, onThrow: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    steady: () => clock.steady(),
    after: (ms, callback) =>
      clock.after(ms, () => {
        try {
          callback();
        } catch (error) {
          onThrow(error);
        }
      }),
  };
}
