/** What follows a closed socket or a refused join. */
export type Outcome = "join_again" | "join_with_new_token" | "final";

/**
 * 1001 going away, 1005 and 1006 cut, 1011 to 1014 what proxies say when the server behind them is gone, 4001 the
 * framework's shutdown, 4002 its error, 4003 its failed reconnection. 4010 is the server's `host_moved`, `server_restarting` and
 * `too_slow`, the monitor's `disconnected`, and what the SDK says when the network went offline.
 */
const JOIN_AGAIN = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014, 4001, 4002, 4003, 4010]);
const TOKEN_EXPIRED = 4204;

/** The server's own codes by name: contract, section 3. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [4000, "left"],
  [4200, "session_ended"],
  [4201, "removed"],
  [4202, "banned"],
  [4203, "access_revoked"],
  [4204, "token_expired"],
  [4205, "protocol_error"],
  [4206, "replaced"],
]);

/** A close code's name where the socket brought no reason. */
export function closeReason(code: number, reason: string): string {
  return NAMES.get(code) ?? (reason === "" ? "connection_closed" : reason);
}

/** 4200 to 4203, 4205, 4206 and every code not known here are final: coming back would meet the same again. */
export function afterClose(code: number): Outcome {
  if (JOIN_AGAIN.has(code)) return "join_again";
  return code === TOKEN_EXPIRED ? "join_with_new_token" : "final";
}

/** 429 and 5xx (503, the framework's 520 to 526, a proxy's 502 and 504) are tried again; other HTTP codes end it. */
export function afterRefusedJoin(code: number): Outcome {
  if (code >= 1000) return afterClose(code);
  if (code === 429 || code >= 500) return "join_again";
  return code === 401 ? "join_with_new_token" : "final";
}

/**
 * Whether commands that were never answered can still mean something after this end: not where the person is out. Who waits to be
 * admitted is not.
 */
export function commandsOutlive(code: number, reason: string): boolean {
  if (code === 403 && reason === "approval_needed") return true;
  return ![4200, 4201, 4202, 4203, 403, 404, 410].includes(code);
}

/** Waits before the tries to join again, in ms: the last one repeats. */
const WAITS_MS = [0, 200, 500, 1000, 2000, 5000] as const;

/** @param attempt 0 for the first try after a loss */
export function waitBeforeMs(attempt: number): number {
  return WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 5000;
}
