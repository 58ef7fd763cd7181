import type { Clock } from "../ports/clock.ts";
import type { Lease, Leases } from "../ports/leases.ts";
import type { Stores } from "../ports/stores.ts";
import type { OtherProcesses } from "./other-processes.ts";

/** A process without a heartbeat for so long hosts nothing any more (architecture, ownership). */
export const DEAD_AFTER_MS = 2_500;

/** The lease of a session whose host lives, as far as its heartbeat tells. @param now ms since 1970 */
export async function liveLease(sessionId: string, leases: Leases, now: number): Promise<Lease | undefined> {
  const lease = await leases.find(sessionId);
  if (lease === undefined) return undefined;
  const lastBeat = await leases.lastBeat(lease.processId);
  return lastBeat !== undefined && now - lastBeat < DEAD_AFTER_MS ? lease : undefined;
}

export interface ElsewhereDeps {
  readonly stores: Pick<Stores, "leases">;
  readonly clock: Pick<Clock, "now">;
  /** of this life of this process */
  readonly processId: string;
  readonly others?: OtherProcesses;
}

/** Whether another process that lives has the session. Who watches the others goes by what it saw, for clocks differ. */
export async function isHostedElsewhere(sessionId: string, deps: ElsewhereDeps): Promise<boolean> {
  const { stores, clock, processId, others } = deps;
  if (others === undefined) {
    const lease = await liveLease(sessionId, stores.leases, clock.now());
    return lease !== undefined && lease.processId !== processId;
  }
  const lease = await stores.leases.find(sessionId);
  return lease !== undefined && lease.processId !== processId && (await others.isThere(lease.processId));
}
