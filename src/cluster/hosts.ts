import type { Clock } from "../ports/clock.ts";
import type { Lease, Leases } from "../ports/leases.ts";
import type { Processes } from "./processes.ts";

/** For so long an answer of the store is believed, unless it names a process that drains: its sessions are about to move. */
const KEPT_MS = 1_000;
/** Answers that are kept at most; the oldest goes. */
const ANSWERS_KEPT = 10_000;

/** A living process that hosts sessions, and how to reach it. */
export interface Host {
  readonly processId: string;
  readonly internalUrl: string;
  /** `host[:port][/path]` at which clients reach it; null: by way of any process */
  readonly publicAddress: string | null;
}

/** Which process to ask about a session. */
export interface Hosts {
  /**
   * Another living process that hosts the session. undefined: it runs here, or nowhere. One look-up in the store at most,
   * none for a session that runs here; what it says is believed for a second. @throws StoreUnavailable
   */
  hostOf(sessionId: string): Promise<Host | undefined>;
  /** A living process by its id, besides this one: a WebSocket's path names one. */
  process(processId: string): Host | undefined;
  /** The same; one that began a moment ago is looked for. @throws StoreUnavailable */
  lookFor(processId: string): Promise<Host | undefined>;
  /** Nobody listens at its address: it is dead until its heartbeat goes on. */
  refused(processId: string): void;
}

export interface KnownHostsDeps {
  readonly leases: Pick<Leases, "find">;
  readonly processes: Pick<Processes, "find" | "isThere" | "refused">;
  readonly clock: Pick<Clock, "steady">;
  /** whether a session runs here, or is being opened or closed */
  readonly isHere: (sessionId: string) => boolean;
}

interface Asked {
  /** by the steady clock */
  readonly at: number;
  readonly lease: Promise<Lease | undefined>;
  /** as answered; undefined: there is no answer yet */
  processId?: string;
}

/** By the leases in the store and the heartbeats that this process saw. */
export class KnownHosts implements Hosts {
  readonly #deps: KnownHostsDeps;
  readonly #asked = new Map<string, Asked>();

  constructor(deps: KnownHostsDeps) {
    this.#deps = deps;
  }

  async hostOf(sessionId: string): Promise<Host | undefined> {
    if (this.#deps.isHere(sessionId)) return undefined;
    const lease = await this.#leaseOf(sessionId);
    return lease === undefined ? undefined : await this.lookFor(lease.processId);
  }

  process(processId: string): Host | undefined {
    const { internalUrl = null, publicAddress = null } = this.#deps.processes.find(processId) ?? {};
    return internalUrl === null ? undefined : { processId, internalUrl, publicAddress };
  }

  async lookFor(processId: string): Promise<Host | undefined> {
    return (await this.#deps.processes.isThere(processId)) ? this.process(processId) : undefined;
  }

  refused(processId: string): void {
    this.#deps.processes.refused(processId);
  }

  /** Asked for once, however many want to know. Kept only while it names a living process: a session may be opened at any time. */
  #leaseOf(sessionId: string): Promise<Lease | undefined> {
    const now = this.#deps.clock.steady();
    const kept = this.#asked.get(sessionId);
    if (kept !== undefined && now - kept.at < KEPT_MS && !this.#isPast(kept)) return kept.lease;
    const asked: Asked = { at: now, lease: this.#deps.leases.find(sessionId) };
    this.#asked.delete(sessionId);
    this.#asked.set(sessionId, asked);
    this.#forgetPast(now);
    const forget = (): void => {
      if (this.#asked.get(sessionId) === asked) this.#asked.delete(sessionId);
    };
    asked.lease.then((lease) => {
      if (lease === undefined) return forget();
      asked.processId = lease.processId;
    }, forget);
    return asked.lease;
  }

  #isPast({ processId }: Asked): boolean {
    if (processId === undefined) return false;
    return this.process(processId) === undefined || this.#deps.processes.find(processId)?.isDraining === true;
  }

  #forgetPast(now: number): void {
    for (const [sessionId, { at }] of this.#asked) {
      if (now - at < KEPT_MS && this.#asked.size <= ANSWERS_KEPT) return;
      this.#asked.delete(sessionId);
    }
  }
}
