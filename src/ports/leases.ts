/** A process that hosts sessions, as the others see it. */
export interface ProcessBeat {
  readonly processId: string;
  /** ms since 1970, by its own clock */
  readonly beatAt: number;
  /** ms since 1970, by its own clock */
  readonly startedAt: number;
  /** at which the other processes reach it; null: it serves alone */
  readonly internalUrl: string | null;
  /** `host[:port][/path]` at which clients reach this very process; null: like all the others */
  readonly publicAddress: string | null;
  /** it hands its sessions over, and takes none */
  readonly isDraining: boolean;
  /** of the program that it runs */
  readonly version: string;
  /** sessions that it hosts, and WebSockets of people in them, at this beat */
  readonly sessions: number;
  readonly connections: number;
}

/** Which process hosts a session. A pointer only: the log's epochs make a wrong one harmless. */
export interface Lease {
  readonly sessionId: string;
  readonly processId: string;
  readonly epoch: number;
}

/**
 * One heartbeat per process, one row per open session; no write per session while it runs. Writes throw OutcomeUnknown
 * too: all of them may be repeated.
 */
export interface Leases {
  /**
   * Notes that a process is there, also where it was retired.
   * @returns whether it was taken for dead since its last beat: others may have opened its sessions
   * @throws StoreUnavailable
   */
  beat(beat: ProcessBeat): Promise<boolean>;
  /** The last beat of a process, retired or not. @throws StoreUnavailable */
  lastBeat(processId: string): Promise<number | undefined>;
  /** All processes that beat and were not retired; dead ones are among them. @throws StoreUnavailable */
  processes(): Promise<readonly ProcessBeat[]>;
  /** To be called before sessions of a silent process are opened elsewhere: its next beat tells it. @throws StoreUnavailable */
  takeForDead(processId: string): Promise<void>;
  /** It is listed no more until it beats again: it stopped, or is dead and its sessions are open elsewhere. @throws StoreUnavailable */
  retire(processId: string): Promise<void>;
  /**
   * Takes effect only over a lease with a lower epoch.
   * @returns the lease that stands then: this one, or one that is not lower
   * @throws StoreUnavailable
   */
  claim(lease: Lease): Promise<Lease>;
  /** @throws StoreUnavailable */
  find(sessionId: string): Promise<Lease | undefined>;
  /** Those that some sessions have, in no order. @param sessionIds a page of them @throws StoreUnavailable */
  findAll(sessionIds: readonly string[]): Promise<readonly Lease[]>;
  /** Leases of a process, by session id. @param after the last session id of the page before @throws StoreUnavailable */
  heldBy(processId: string, after: string, limit: number): Promise<readonly Lease[]>;
  /** Removes the lease if it is still of that epoch. @throws StoreUnavailable */
  release(sessionId: string, epoch: number): Promise<void>;
  /**
   * By which the processes that share this store know each other. The first one stays as long as the store can be shared.
   * @param proposed at least 128 random bits as text
   * @throws StoreUnavailable
   */
  clusterSecret(proposed: string): Promise<string>;
}
