import "./node-websocket.ts";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import type WebSocket from "ws";
import type { Tally } from "./tally.ts";

/** A user and the bearer token that says so. */
export interface Person {
  readonly userId: string;
  readonly token: string;
}

export interface EntryView {
  readonly value: string;
  readonly version: number;
  readonly by: string;
}

/** The part of the contract's SessionState that a load test looks at. */
export interface SessionView {
  readonly seq: number;
  readonly digest?: string;
  readonly digestSeq?: number;
  readonly entries: ReadonlyMap<string, EntryView>;
}

type SessionRoom = Room<unknown, SessionView>;

/** After these a client is to join again, after any other it is not wanted (contract section 3). */
const JOIN_AGAIN_AFTER = new Set([1001, 1005, 1006, 4001, 4002, 4003, 4100, 4101, 4102]);
const FINAL_REFUSALS = new Set([400, 401, 403, 404, 409, 410]);
const JOIN_AGAIN_DELAYS_MS = [0, 200, 500, 1000, 2000, 5000];

/**
 * One participant's connection, by the official SDK, that comes back as the contract says: by the SDK's own reconnection
 * first, else by joining again.
 */
export class Seat {
  readonly #endpoint: string;
  readonly #sessionId: string;
  readonly #person: Person;
  readonly #tally: Tally;
  readonly #onState: (state: SessionView, first: boolean) => void;
  #room: SessionRoom | null = null;
  #wanted = false;
  #hasState = false;
  #givenUp = false;
  #lostAtMs: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(
    endpoint: string,
    sessionId: string,
    person: Person,
    tally: Tally,
    /** called with every state; `first` for the whole state that begins a connection */
    onState: (state: SessionView, first: boolean) => void,
  ) {
    this.#endpoint = endpoint;
    this.#sessionId = sessionId;
    this.#person = person;
    this.#tally = tally;
    this.#onState = onState;
  }

  /** The room, while the connection is open and the state is there. */
  get room(): SessionRoom | null {
    return this.#hasState && this.#room?.connection.isOpen ? this.#room : null;
  }

  get state(): SessionView | undefined {
    return this.#room?.state;
  }

  /** Joins and waits for the whole state. Tries again where that may help; throws what refused it for good. */
  async take(): Promise<void> {
    this.#wanted = true;
    for (let attempt = 0; this.#wanted; attempt++) {
      await delay(JOIN_AGAIN_DELAYS_MS[Math.min(attempt, JOIN_AGAIN_DELAYS_MS.length - 1)]);
      try {
        return await this.#join();
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        this.#tally.countRefused(`join ${String(code)}`);
        if (FINAL_REFUSALS.has(Number(code))) throw error;
      }
    }
  }

  /** Resolves with the room as soon as commands can be sent; with null once the seat is given up. */
  async ready(): Promise<SessionRoom | null> {
    while (this.room === null) {
      if (this.#givenUp) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.room;
  }

  /** Waits for no connection any more. */
  giveUp(): void {
    this.#givenUp = true;
    this.#wanted = false;
    this.#wake();
  }

  /** Says goodbye: the place is freed. Resolves when the server has closed. */
  async leave(): Promise<void> {
    this.#wanted = false;
    const room = this.#room;
    if (room?.connection.isOpen) await Promise.race([room.leave(), delay(5000, undefined, { ref: false })]);
    this.#hasState = false;
  }

  /** Cuts the connection without a goodbye, as a dead battery does. */
  cut(): void {
    this.#socket()?.terminate();
  }

  /** Stops or goes on reading what the server sends. */
  read(on: boolean): void {
    if (on) this.#socket()?.resume();
    else this.#socket()?.pause();
  }

  async #join(): Promise<void> {
    const startedAtMs = performance.now();
    const client = new Client(this.#endpoint);
    client.auth.token = this.#person.token;
    const room: SessionRoom = await client.joinOrCreate<SessionView>("session", {
      sessionId: this.#sessionId,
      client: "loadtest",
    });
    this.#room = room;
    this.#countBytes(room);
    await new Promise<void>((resolve, reject) => {
      let arrived = false;
      room.onStateChange((state) => {
        const first = !this.#hasState;
        this.#hasState = true;
        this.#onState(state, first);
        if (first) this.#arrived();
        if (!arrived) resolve();
        arrived = true;
      });
      room.onDrop((code) => {
        if (arrived) this.#dropped(code);
      });
      room.onLeave((code) => {
        if (arrived) this.#left(room, code);
        else reject(Object.assign(new Error(`closed with ${code} before the state came`), { code }));
      });
    });
    this.#tally.joinMs.record(performance.now() - startedAtMs);
  }

  #arrived(): void {
    if (this.#lostAtMs !== null) this.#tally.backMs.record(performance.now() - this.#lostAtMs);
    this.#lostAtMs = null;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** The SDK tells of every failed try of its own reconnection: only the first is a loss. */
  #dropped(code: number): void {
    if (this.#lostAtMs === null) this.#tally.countClosed(code);
    this.#lostAtMs ??= performance.now();
    this.#hasState = false;
  }

  #left(room: SessionRoom, code: number): void {
    if (!this.#wanted || room !== this.#room) return;
    this.#dropped(code);
    if (!JOIN_AGAIN_AFTER.has(code)) return;
    this.take().catch(() => {
      // counted where it was refused; whoever waits for this seat gives it up in the end
    });
  }

  #socket(): WebSocket | undefined {
    return (this.#room?.connection.transport as { ws?: WebSocket } | undefined)?.ws;
  }

  #countBytes(room: SessionRoom): void {
    const { events } = room.connection;
    const deliver = events.onmessage;
    events.onmessage = (event: { data: ArrayBuffer }) => {
      const payload = event.data.byteLength;
      this.#tally.bytesReceived += payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
      deliver?.(event);
    };
  }
}
