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
  return hasBeaten(await leases.lastBeat(lease.processId), now) ? lease : undefined;
}

export interface ElsewhereDeps {
  readonly stores: Pick<Stores, "leases">;
  readonly clock: Pick<Clock, "now">;
  /** of this life of this process */
  readonly processId: string;
  readonly others?: OtherProcesses;
}

/** Whether another process that lives has the session. @throws StoreUnavailable */
export async function isHostedElsewhere(sessionId: string, deps: ElsewhereDeps): Promise<boolean> {
  return (await hostedElsewhere([sessionId], deps)).has(sessionId);
}

/**
 * Those of a page of sessions that another process has that lives: one look-up for all of them. Who watches the others goes by
 * what it saw, for clocks differ. @throws StoreUnavailable
 */
export async function hostedElsewhere(
  sessionIds: readonly string[],
  deps: ElsewhereDeps,
): Promise<ReadonlySet<string>> {
  const leases = await deps.stores.leases.findAll(sessionIds);
  const elsewhere = leases.filter(({ processId }) => processId !== deps.processId);
  const living = new Set<string>();
  for (const processId of new Set(elsewhere.map((lease) => lease.processId))) {
    if (await isThere(processId, deps)) living.add(processId);
  }
  return new Set(elsewhere.flatMap(({ sessionId, processId }) => (living.has(processId) ? [sessionId] : [])));
}

async function isThere(processId: string, { others, stores, clock }: ElsewhereDeps): Promise<boolean> {
  if (others !== undefined) return await others.isThere(processId);
  return hasBeaten(await stores.leases.lastBeat(processId), clock.now());
}

function hasBeaten(lastBeat: number | undefined, now: number): boolean {
  return lastBeat !== undefined && now - lastBeat < DEAD_AFTER_MS;
}
