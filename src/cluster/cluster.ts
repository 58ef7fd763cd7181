import type { Clock } from "../ports/clock.ts";
import type { Leases } from "../ports/leases.ts";
import { DeadHosts, type Opening } from "./dead-hosts.ts";
import { HandingOver, type HandingOverDeps, type MovableSession } from "./handing-over.ts";
import { KnownHosts } from "./hosts.ts";
import { LostSessions, type OwnSession } from "./lost-sessions.ts";
import { PeerLines } from "./peer-lines.ts";
import { Processes } from "./processes.ts";

export interface ClusterDeps {
  readonly leases: Leases;
  readonly clock: Clock;
  /** of this life of this process */
  readonly processId: string;
  /** at which the other processes reach this one */
  readonly internalUrl: string;
  /** the sessions that run here */
  readonly sessions: () => Iterable<OwnSession & MovableSession>;
  /** whether a session runs here, or is being opened or closed */
  readonly isHere: (sessionId: string) => boolean;
  /** whether this process takes no more sessions */
  readonly isDraining: () => boolean;
  /** Opens a session of a process that died. @throws where it may be tried again */
  readonly open: (sessionId: string) => Promise<Opening>;
  /** how this process drains, when it opens no session, and how another one is asked to go on with one: see `HandingOverDeps` */
  readonly announceDrain: HandingOverDeps["announce"];
  readonly nothingOpens: HandingOverDeps["nothingOpens"];
  readonly askToGoOn: HandingOverDeps["ask"];
  /** all are told */
  readonly events: readonly ClusterEvents[];
}

/** What is told of the processes. */
export interface ClusterEvents {
  /** another process is there: for the first time, or again */
  lives(processId: string): void;
  /** it is there no more, as far as this one can tell */
  died(processId: string): void;
  /** this process' share of a dead one's sessions is open. @param milliseconds since the death was known */
  takenOver(from: string, sessions: number, milliseconds: number): void;
  /** others opened a session that ran here */
  lost(sessionId: string): void;
  /** another process goes on with a session that ran here. @param milliseconds in which nothing could be decided */
  handedOver(sessionId: string, to: string, milliseconds: number): void;
  /** this process drains, and a session was saved: nobody waits for it, or nobody took it */
  saved(sessionId: string): void;
  /** something is tried again. @param sessionId undefined: no session in particular */
  failed(what: "look" | "take-over" | "hand-over", error: unknown, sessionId?: string): void;
}

/** This process among those that serve the same campaigns. */
export class Cluster {
  readonly processes: Processes;
  readonly hosts: KnownHosts;
  readonly #deps: ClusterDeps;
  readonly #deadHosts: DeadHosts;
  readonly #lostSessions: LostSessions;
  readonly #lines: PeerLines;
  readonly #handingOver: HandingOver;

  constructor(deps: ClusterDeps) {
    const { leases, clock, isHere } = deps;
    const tell = (how: (events: ClusterEvents) => void): void => deps.events.forEach(how);
    this.#deps = deps;
    this.processes = new Processes({ ...deps, onFailed: (error) => tell((events) => events.failed("look", error)) });
    this.hosts = new KnownHosts({ leases, clock, isHere, processes: this.processes });
    this.#lines = new PeerLines(clock, (processId) => this.processes.refused(processId));
    this.processes.listen(this.#lines);
    this.processes.listen({
      lives: ({ processId }) => tell((events) => events.lives(processId)),
      died: ({ processId }) => tell((events) => events.died(processId)),
    });
    this.#deadHosts = new DeadHosts({
      ...deps,
      processes: this.processes,
      onTakenOver: (...taken) => tell((events) => events.takenOver(...taken)),
      onFailed: (error, sessionId) => tell((events) => events.failed("take-over", error, sessionId)),
    });
    this.#handingOver = new HandingOver({
      ...deps,
      processes: this.processes,
      announce: deps.announceDrain,
      ask: deps.askToGoOn,
      onMoved: (...moved) => tell((events) => events.handedOver(...moved)),
      onSaved: (sessionId) => tell((events) => events.saved(sessionId)),
      onRefused: (error, sessionId) => tell((events) => events.failed("hand-over", error, sessionId)),
    });
    this.#lostSessions = new LostSessions({
      ...deps,
      onLost: (sessionId) => tell((events) => events.lost(sessionId)),
      onFailed: (error) => tell((events) => events.failed("look", error)),
    });
  }

  /** To be called when this process beats. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.processes.start();
  }

  /** To be told of every heartbeat of this process. @param wasTakenForDead by others, before it */
  beaten(wasTakenForDead: boolean): void {
    this.#lostSessions.beaten(wasTakenForDead);
  }

  /** Opens sessions of those that are dead or die from now on. To be called when sessions can be opened. */
  startTaking(): void {
    this.#deadHosts.start();
  }

  /** Opens no more sessions of others. To be called before this process closes its own. */
  async stopTaking(): Promise<void> {
    await this.#deadHosts.stop();
  }

  /**
   * This process drains: tells the others, and moves its sessions to them. To be called once, before it closes what is left.
   * Never rejects.
   */
  async handOver(withinMs: number): Promise<void> {
    await this.#handingOver.run(withinMs);
  }

  /** To be called when this process beats no more and hosts nothing: nobody has to find out that it is gone. */
  async stop(): Promise<void> {
    this.#lines.stop();
    await this.processes.stop();
    await this.#deps.leases.retire(this.#deps.processId).catch(() => undefined);
  }
}
