import type { Client } from "@colyseus/core";
import type { Admitted } from "./door.ts";
import type { Viewer } from "./viewers.ts";

/** One socket of a participant. */
export interface Connection {
  /** unique per socket; the framework's session id outlives one */
  readonly id: string;
  readonly userId: string;
  readonly client: Client;
  /** what it says of itself, for the GM's eyes */
  readonly says: string;
  /** when it came, in ms of the steady clock */
  readonly since: number;
  /** of the token it came with, or was renewed with; ms since 1970 */
  expiresAt: number;
  /** the server's figure or the client's own; -1 unknown */
  latencyMs: number;
  /** whether `latencyMs` is the client's own, which counts in place of the server's */
  latencyReported: boolean;
  viewer: Viewer | undefined;
  cancelExpiry: (() => void) | undefined;
}

/** A room's open sockets, by person, in the order in which they came. */
export class Connections {
  readonly #byUser = new Map<string, Connection[]>();
  readonly #byClient = new Map<Client, Connection>();

  /** @param since when it came, in ms of the steady clock */
  add(client: Client, id: string, { userId, client: says, expiresAt }: Admitted, since: number): Connection {
    const connection: Connection = {
      id,
      userId,
      client,
      says,
      since,
      expiresAt,
      latencyMs: -1,
      latencyReported: false,
      viewer: undefined,
      cancelExpiry: undefined,
    };
    this.#byClient.set(client, connection);
    const theirs = this.#byUser.get(userId);
    if (theirs === undefined) this.#byUser.set(userId, [connection]);
    else theirs.push(connection);
    return connection;
  }

  remove(client: Client): Connection | undefined {
    const connection = this.#byClient.get(client);
    if (connection === undefined) return undefined;
    this.#byClient.delete(client);
    const rest = this.of(connection.userId).filter((one) => one !== connection);
    if (rest.length === 0) this.#byUser.delete(connection.userId);
    else this.#byUser.set(connection.userId, rest);
    return connection;
  }

  get(client: Client): Connection | undefined {
    return this.#byClient.get(client);
  }

  of(userId: string): readonly Connection[] {
    return this.#byUser.get(userId) ?? [];
  }

  /** The one that came last. */
  newestOf(userId: string): Connection | undefined {
    return this.of(userId).at(-1);
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#byClient.values();
  }
}
