import type { Room } from "@colyseus/sdk";
import { eventually } from "./eventually.ts";
import { RecordingClient } from "./frames.ts";
import { type Answer, call } from "./http.ts";
import { Seat } from "./seat.ts";
import type { ServerProcess, TokenClaims } from "./server.ts";
import type { TableState } from "./table.ts";

export interface JoinOptions {
  readonly invite?: string;
  readonly client?: string;
  /** another way to the same server, such as a proxy's address */
  readonly through?: string;
  /** the SDK's own reconnection; off unless asked for, so that a test sees every closing at once */
  readonly reconnects?: boolean;
  /** how long the first whole state may take once joined; default 5 s */
  readonly firstStateWithinMs?: number;
}

export interface Refusal {
  readonly code: number | undefined;
  readonly message: string;
}

/** Somebody with a token: asks over HTTP, and joins with the official SDK. */
export class Person {
  readonly userId: string;
  readonly token: string;
  readonly #server: ServerProcess;

  constructor(server: ServerProcess, userId: string, token: string) {
    this.#server = server;
    this.userId = userId;
    this.token = token;
  }

  /** A person with a fresh token of that server. */
  static async of(server: ServerProcess, userId: string, claims: TokenClaims = {}): Promise<Person> {
    return new Person(server, userId, await server.tokenFor(userId, claims));
  }

  async ask<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return await call<T>(this.#server.url, method, path, {
      token: this.token,
      ...(body === undefined ? {} : { body }),
    });
  }

  /** A request that the test needs to succeed. @throws on any status of 400 or more */
  async get<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body);
    if (answer.status >= 400) throw new Error(`${this.userId}: ${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Joins, and waits for the first whole state. @throws the SDK's MatchMakeError if refused */
  async join(sessionId: string, options: JoinOptions = {}): Promise<Seat> {
    const { invite, client } = options;
    return await this.#enter(options, (sdk) =>
      sdk.joinOrCreate<TableState>("session", {
        sessionId,
        ...(invite === undefined ? {} : { invite }),
        ...(client === undefined ? {} : { client }),
      }),
    );
  }

  /** Comes back by a reconnection token. @throws the SDK's MatchMakeError if refused */
  async reconnect(reconnectionToken: string, options: JoinOptions = {}): Promise<Seat> {
    return await this.#enter(options, (sdk) => sdk.reconnect<TableState>(reconnectionToken));
  }

  /** A join that the test needs to be refused. */
  async refusedJoin(sessionId: string, options: JoinOptions = {}): Promise<Refusal> {
    return await refusalOf(this.join(sessionId, options));
  }

  async #enter(
    options: JoinOptions,
    enter: (sdk: RecordingClient) => Promise<Room<unknown, TableState>>,
  ): Promise<Seat> {
    const sdk = new RecordingClient(options.through ?? this.#server.url);
    sdk.auth.token = this.token;
    const room = await enter(sdk);
    room.reconnection.enabled = options.reconnects ?? false;
    room.reconnection.minUptime = 0;
    const seat = new Seat(this.userId, sdk, room, 0);
    await eventually(
      `${this.userId} gets the first state`,
      () => {
        if (seat.closing !== null) throw new Error(`closed at once: ${seat.closing.code} ${seat.closing.reason}`);
        return room.state !== undefined && room.state.sessionId !== undefined && room.state.sessionId !== "";
      },
      options.firstStateWithinMs ?? 5_000,
    );
    return seat;
  }
}

/** What a join was refused with. @throws if it was not refused */
export async function refusalOf(joining: Promise<Seat>): Promise<Refusal> {
  let seat: Seat;
  try {
    seat = await joining;
  } catch (error) {
    const { code, message } = error as { code?: number; message: string };
    return { code, message };
  }
  await seat.leave();
  throw new Error(`${seat.userId} was let in`);
}
