/** A process that hosts sessions, as the others see it. `beatAt` is ms since 1970. */
export interface ProcessBeat {
  readonly processId: string;
  readonly beatAt: number;
}

/** Which process hosts a session. A pointer only: the log's epochs make a wrong one harmless. */
export interface Lease {
  readonly sessionId: string;
  readonly processId: string;
  readonly epoch: number;
}

/** One heartbeat per process, one row per open session; no write per session while it runs. */
export interface Leases {
  beat(beat: ProcessBeat): Promise<void>;
  lastBeat(processId: string): Promise<number | undefined>;
  /** Takes effect only over a lease with a lower epoch. */
  claim(lease: Lease): Promise<void>;
  find(sessionId: string): Promise<Lease | undefined>;
  /** Removes the lease if it is still of that epoch. */
  release(sessionId: string, epoch: number): Promise<void>;
}
