import type { SessionState } from "../core/state.ts";
import type { Leases } from "../ports/leases.ts";

/**
 * Up to when the host of a session that is read from the store is known to have been there, in ms since 1970: its newest record or its
 * last heartbeat. Never later than now.
 * @throws StoreUnavailable
 */
export async function aliveUntil(state: SessionState, leases: Leases, now: number): Promise<number> {
  const lastBeat = state.process === null ? undefined : await leases.lastBeat(state.process);
  return Math.min(Math.max(state.lastAt, lastBeat ?? 0), now);
}
