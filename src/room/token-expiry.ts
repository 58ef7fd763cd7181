import type { Clock } from "../ports/clock.ts";
import type { Connection } from "./connections.ts";

const WARNED_BEFORE_MS = 60_000;
/** The end of a token is a date, and the system's clock may jump over it: so often it is looked at (contract: 5 s). */
const LOOK_EVERY_MS = 4_000;
/** One that is further away than any jump that is likely is looked at less often. */
const FAR_MS = 24 * 3_600_000;
const LOOK_AT_FAR_EVERY_MS = 3_600_000;

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
    connection.cancelExpiry = clock.after(Math.min(left, left > FAR_MS ? LOOK_AT_FAR_EVERY_MS : LOOK_EVERY_MS), () =>
      wait(until, then),
    );
  };
  wait(warnAt, () => {
    client.send("token_expiring", { expiresAt: new Date(expiresAt).toISOString() });
    wait(expiresAt, close);
  });
}
