import type { Lease, Leases } from "../ports/leases.ts";

/** A process without a heartbeat for so long hosts nothing any more (architecture, ownership). */
export const DEAD_AFTER_MS = 2_500;

/** The lease of a session whose host lives, as far as its heartbeat tells. @param now ms since 1970 */
export async function liveLease(sessionId: string, leases: Leases, now: number): Promise<Lease | undefined> {
  const lease = await leases.find(sessionId);
  if (lease === undefined) return undefined;
  const lastBeat = await leases.lastBeat(lease.processId);
  return lastBeat !== undefined && now - lastBeat < DEAD_AFTER_MS ? lease : undefined;
}
