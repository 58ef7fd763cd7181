import type { Leases } from "../ports/leases.ts";

/** Leases that are looked at together. */
const PAGE = 500;
/** Whoever took this process for dead may go on opening its sessions until they see its next beats. */
const BEATS_WATCHED = 10;

/** A session that runs here. */
export interface OwnSession {
  readonly sessionId: string;
  readonly committed: { readonly epoch: number };
  /** Moves its clients to the host that it has now. */
  close(why: "host_moved"): Promise<void>;
}

export interface LostSessionsDeps {
  readonly leases: Pick<Leases, "heldBy">;
  readonly processId: string;
  /** those that run here */
  readonly sessions: () => Iterable<OwnSession>;
  /** others have opened it */
  readonly onLost: (sessionId: string) => void;
  /** it is looked again with the next beat */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Sessions that others opened while this process was taken for dead, though it was only frozen or cut off. The log keeps it
 * from writing to them; this tells it at once, so that their clients do not sit at a table where nothing happens any more.
 */
export class LostSessions {
  readonly #deps: LostSessionsDeps;
  #beatsToWatch = 0;
  #looking: Promise<void> | undefined;

  constructor(deps: LostSessionsDeps) {
    this.#deps = deps;
  }

  /** To be told of every heartbeat. @param wasTakenForDead by others, before it */
  beaten(wasTakenForDead: boolean): void {
    if (wasTakenForDead) this.#beatsToWatch = BEATS_WATCHED;
    if (this.#beatsToWatch === 0 || this.#looking !== undefined) return;
    this.#beatsToWatch--;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#deps.onFailed(error))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    // What is opened from here on has its lease already, but may be on no page.
    const open = [...this.#deps.sessions()];
    if (open.length === 0) return;
    const held = await this.#held();
    for (const session of open) {
      if (held.get(session.sessionId) === session.committed.epoch) continue;
      this.#deps.onLost(session.sessionId);
      void session.close("host_moved");
    }
  }

  async #held(): Promise<ReadonlyMap<string, number>> {
    const { leases, processId } = this.#deps;
    const held = new Map<string, number>();
    for (let after = ""; ; ) {
      const page = await leases.heldBy(processId, after, PAGE);
      for (const { sessionId, epoch } of page) held.set(sessionId, epoch);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return held;
      after = last.sessionId;
    }
  }
}
