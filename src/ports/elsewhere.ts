import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Who sent a request, as the process that they reached saw them. */
export interface SeenClient {
  /** canonical; empty where it is not known */
  readonly address: string;
  /** by which they reached us; undefined: they named none */
  readonly host: string | undefined;
  /** whether they came by https; undefined: nobody says so */
  readonly isSecure: boolean | undefined;
  /** the process of ours that they reached and that sent it on; absent: this one */
  readonly by?: string;
}

/** What of a request its signature is about, and where it stands. */
export type SignedRequest = Pick<IncomingMessage, "headers" | "method" | "url">;

/** A request about a session, read whole and not answered yet. */
export interface AskedOfSession {
  readonly sessionId: string;
  /** the process that is known to host it; absent: it is looked up */
  readonly hostedBy?: string;
  /** as it is asked there, with the query */
  readonly path: string;
  /** undefined: it has none */
  readonly body: Buffer | undefined;
  /** how long the host may hold back the answer on purpose, in ms */
  readonly heldMs?: number;
}

/**
 * What became of a request. `here`: this process is to answer it; nothing was sent. `answered`: the host's answer is on its
 * way, or nobody waits for it any more. `unavailable`: the host cannot be reached or did not answer in time.
 */
export type Answering = "here" | "answered" | "unavailable";

/** Asks the process that hosts a session, where that is another one. */
export interface Forwarding {
  /** What another process of ours says of a request's client. Undefined: no process of ours sent it. */
  clientOf(request: SignedRequest): SeenClient | undefined;
  /** Has a request answered by the session's host; one that another process forwarded, never. @throws StoreUnavailable */
  answer(asked: AskedOfSession, request: IncomingMessage, response: ServerResponse): Promise<Answering>;
  /** What proves this process to another one that asks for it; undefined: no process of ours asks. */
  proofFor(request: SignedRequest): { readonly name: string; readonly value: string } | undefined;
}

/** What this process asks the others by itself. */
export interface PeerCalls {
  /**
   * Asks all other living processes the same.
   * @param what as JSON
   * @returns what each said, by its id; undefined of one that did not answer in time
   */
  askAll(path: string, what: unknown, withinMs: number): Promise<ReadonlyMap<string, unknown>>;
  /** Whether another process of ours asks. @param body as it came */
  isFromPeer(request: SignedRequest, body: Buffer): boolean;
}

/** A WebSocket that is not opened yet. */
export interface AskedSocket {
  readonly sessionId: string;
  /** the process that its path names */
  readonly processId: string;
  /** whether somebody comes back: then the session's host counts, whatever the path says */
  readonly isReturn: boolean;
  /** path and query */
  readonly path: string;
  /** Whether its client brings a token of ours, ended or not: nothing is looked up for anybody else. */
  readonly isKnown: () => Promise<boolean>;
}

/** A connection to a session's host, for one WebSocket of a client. One of both is called, once. */
export interface Passage {
  /** Asks the host for the WebSocket, and from then on passes bytes on, both ways. */
  start(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The client has gone. */
  abandon(): void;
}

/** Passes WebSockets on to the processes that they are for. */
export interface PassingOn {
  /** The way to the process that a WebSocket is for. `here`: that is this one, or none. @throws StoreUnavailable */
  find(asked: AskedSocket, request: IncomingMessage): Promise<Passage | "here" | "unavailable">;
}
