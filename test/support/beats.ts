import type { ProcessBeat } from "../../src/ports/leases.ts";

const ALONE = { startedAt: 0, internalUrl: null, publicAddress: null, isDraining: false };
const IDLE = { version: "0.1.0", sessions: 0, connections: 0 };

/** A heartbeat of a process that serves alone and hosts nothing, where nothing else is said. */
export function beatOf(processId: string, beatAt: number, more: Partial<ProcessBeat> = {}): ProcessBeat {
  return { processId, beatAt, ...ALONE, ...IDLE, ...more };
}
