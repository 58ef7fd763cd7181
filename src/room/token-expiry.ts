import type { Clock } from "../ports/clock.ts";
import type { Connection } from "./connections.ts";

const WARNED_BEFORE_MS = 60_000;
/** Timers hold no longer than 2^31 ms. */
const LONGEST_TIMER_MS = 2_000_000_000;

/**
 * Warns a connection 60 s before its token ends, at once where less is left, and has it closed when the token ends. To
 * be called again when the token was renewed.
 */
export function watchExpiry(connection: Connection, clock: Clock, close: () => void): void {
  connection.cancelExpiry?.();
  const { expiresAt, client } = connection;
  const warnAt = expiresAt - WARNED_BEFORE_MS;
  const wait = (until: number, then: () => void): void => {
    const left = until - clock.now();
    if (left <= 0) {
      then();
      return;
    }
    connection.cancelExpiry = clock.after(Math.min(left, LONGEST_TIMER_MS), () => wait(until, then));
  };
  wait(warnAt, () => {
    client.send("token_expiring", { expiresAt: new Date(expiresAt).toISOString() });
    wait(expiresAt, close);
  });
}
