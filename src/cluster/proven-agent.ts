import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { Host } from "./hosts.ts";
import type { ProvenConnections } from "./proven-connections.ts";

/** Kept idle to each process at most: a new one costs a proof, which a crowd that comes at once would all wait for. */
const MOST_IDLE = 256;

/** Options of a request that goes over the agent: which process it is for. */
export interface RequestTo extends ClientRequestArgs {
  readonly to: Host;
}

/** Keeps proven connections to other processes, and gives each request one of its own. */
export class ProvenAgent extends Agent {
  readonly #connections: ProvenConnections;

  constructor(connections: ProvenConnections) {
    super({ keepAlive: true, maxFreeSockets: MOST_IDLE });
    this.#connections = connections;
  }

  /** Never those of another life of a process at the same address. */
  override getName(options?: object): string {
    const { to } = options as RequestTo;
    return `${to.processId} ${to.internalUrl}`;
  }

  override createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, connection: Duplex) => void,
  ): undefined {
    this.#connections.open((options as RequestTo).to).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as unknown as Duplex),
    );
  }

  /** Ends all connections to a process, those in use too. */
  drop(processId: string): void {
    for (const pool of [this.sockets, this.freeSockets]) {
      for (const [name, sockets] of Object.entries(pool)) {
        if (name.startsWith(`${processId} `)) for (const socket of [...(sockets ?? [])]) socket.destroy();
      }
    }
  }
}
