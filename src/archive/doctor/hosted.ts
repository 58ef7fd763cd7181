import type { Leases } from "../../ports/leases.ts";

/** A process without a heartbeat for so long is dead: docs/decisions/0006-heartbeat-writes.md. */
const DEAD_AFTER_MS = 2_500;

/** Whether a live process hosts a session. @param now ms since 1970 */
export async function isHosted(sessionId: string, leases: Leases, now: number): Promise<boolean> {
  const lease = await leases.find(sessionId);
  if (lease === undefined) return false;
  const beatAt = await leases.lastBeat(lease.processId);
  return beatAt !== undefined && now - beatAt < DEAD_AFTER_MS;
}
