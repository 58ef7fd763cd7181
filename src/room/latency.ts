import type { Connection } from "./connections.ts";

/** What GMs see of a latency: only what differs noticeably from what they saw. */
const STEP_MS = 20;

/**
 * Takes in a round trip of a connection. One that the client measured counts in place of the server's, from then on.
 * @returns whether there is another to be seen
 */
export function takeLatency(connection: Connection, measuredMs: number, by: "server" | "client"): boolean {
  if (by === "client") connection.latencyReported = true;
  else if (connection.latencyReported) return false;
  const latencyMs = Math.round(measuredMs);
  const seenMs = connection.latencyMs;
  const isFirst = seenMs < 0;
  const isNoticeable = Math.abs(latencyMs - seenMs) >= Math.max(STEP_MS, seenMs / 4);
  if (latencyMs === seenMs || (by === "server" && !isFirst && !isNoticeable)) return false;
  connection.latencyMs = latencyMs;
  return true;
}
