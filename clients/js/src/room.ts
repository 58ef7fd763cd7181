import type { SessionState } from "./state.ts";

/** A map as the SDK mirrors it: alive, changed in place. */
export interface LiveMap<Value> {
  readonly size: number;
  has(key: string): boolean;
  forEach(run: (value: Value, key: string) => void): void;
}

type Maps = "participants" | "entries" | "hidden" | "connections" | "knocks";

/** The state as the SDK mirrors it: alive, changed in place, a map missing that was never sent. */
export type LiveState = Omit<SessionState, Maps> & {
  readonly [Map in Maps]?: SessionState[Map] extends ReadonlyMap<string, infer Value> ? LiveMap<Value> : never;
};

/** A joined room: the part of the SDK's `Room` that this client uses. Tests bring their own. */
export interface RoomConnection {
  /** Calls back at the first full state and at every patch. */
  onState(run: (state: LiveState) => void): void;
  /** Calls back once when the socket is gone for good: the SDK's own reconnection is off. */
  onClosed(run: (code: number, reason: string) => void): void;
  onMessage(run: (type: string, payload: unknown) => void): void;
  /** Rejects with `RequestRefused` where the server said no, with anything else where no answer came. */
  request(type: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  /** Calls back with the round trip's time, or never. */
  ping(run: (rttMs: number) => void): void;
  /** Leaves with consent: the place is given up. */
  leave(): void;
  /** Closes the socket without consent: the place is kept. */
  drop(): void;
}

export interface JoinOptions {
  readonly sessionId: string;
  readonly invite?: string;
  readonly client?: string;
}

/** Joins. Rejects with `JoinRefused` where the server (or a socket's close code) said no, with anything else where no answer came. */
export type Join = (options: JoinOptions, token: string) => Promise<RoomConnection>;

/** The server's answer to a request was no; `reason` is what it sent, unchecked. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("request refused");
    this.reason = reason;
  }
}
