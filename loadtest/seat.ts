import "./node-websocket.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import type WebSocket from "ws";
import { systemClock } from "../clients/js/src/clock.ts";
import { joinWithColyseus } from "../clients/js/src/colyseusRoom.ts";
import type { Answer, Command } from "../clients/js/src/command.ts";
import { JoinRefused } from "../clients/js/src/errors.ts";
import { Link } from "../clients/js/src/link.ts";
import { memoryStorage } from "../clients/js/src/memoryStorage.ts";
import { Outbox } from "../clients/js/src/outbox.ts";
import { serverAnswers } from "../clients/js/src/probe.ts";
import { type JoinOptions, RequestRefused, type RoomConnection } from "../clients/js/src/room.ts";
import type { Entry } from "../clients/js/src/state.ts";
import { countReceived } from "./bytes-received.ts";
import { EndpointInUse, type Endpoints } from "./endpoints.ts";
import type { Tally } from "./tally.ts";

/** A user and the bearer token that says so. */
export interface Person {
  readonly userId: string;
  readonly token: string;
}

/** The part of the contract's SessionState that a load test looks at, as the SDK mirrors it: alive. */
export interface SessionView {
  readonly seq: number;
  readonly digest?: string;
  readonly digestSeq?: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

type SessionRoom = Room<unknown, SessionView>;

const JOIN_TIMEOUT_MS = 8000;
const ANSWER_TIMEOUT_MS = 10_000;
const GOODBYE_LIMIT_MS = 5000;

/**
 * One participant's connection. It joins, comes back and sends again as `clients/js` does, by that package's own `Link` and
 * `Outbox`; what the package does besides is left out, for it is no part of what is measured: the plain copy of the state,
 * the optimistic view and the pings. The state is read where the SDK mirrors it.
 */
export class Seat {
  readonly #sessionId: string;
  readonly #endpoint: EndpointInUse;
  readonly #person: Person;
  readonly #tally: Tally;
  readonly #onState: (state: SessionView, first: boolean) => void;
  readonly #outbox: Outbox;
  #link: Link | undefined;
  /** the SDK's rooms behind the connections that `Link` knows */
  readonly #rooms = new WeakMap<RoomConnection, SessionRoom>();
  #room: SessionRoom | undefined;
  #joining = false;
  #lostAtMs: number | undefined;
  /** answers whose seq the state did not show yet */
  unseen = 0;

  constructor(
    /** where it joins: at the first one, and at the next where that does not let it in */
    endpoints: Endpoints,
    sessionId: string,
    person: Person,
    tally: Tally,
    /** called with every state; `first` for the whole state that begins a connection */
    onState: (state: SessionView, first: boolean) => void,
  ) {
    this.#endpoint = new EndpointInUse(endpoints);
    this.#sessionId = sessionId;
    this.#person = person;
    this.#tally = tally;
    this.#onState = onState;
    this.#outbox = new Outbox({
      clock: systemClock,
      storage: memoryStorage(),
      // An open loop: nobody waits for the answer before.
      inFlight: Number.POSITIVE_INFINITY,
      maxWaiting: Number.POSITIVE_INFINITY,
      onAnswered: () => {},
      onRefused: () => {},
      onTrouble: () => {},
    });
    void this.#outbox.open(person.userId);
  }

  get state(): SessionView | undefined {
    return this.#room?.state;
  }

  /** Joins and waits for the whole state. Tries again where that may help; rejects with what refused it for good. */
  take(): Promise<void> {
    return new Promise((resolve, reject) => {
      let joinedAtMs = 0;
      const link = new Link({
        clock: systemClock,
        join: (options, token) => {
          joinedAtMs = performance.now();
          return this.#join(options, token);
        },
        joinOptions: { sessionId: this.#sessionId, client: "loadtest" },
        token: this.#person.token,
        probe: () => serverAnswers(this.#endpoint.now),
        joinTimeoutMs: JOIN_TIMEOUT_MS,
        onToken: () => true,
        onJoined: (room) =>
          this.#attend(room, () => {
            this.#tally.joinMs.record(performance.now() - joinedAtMs);
            resolve();
          }),
        onLost: (code, reason) => this.#lost(code, reason),
        onWaiting: () => {},
        onEnded: (code, reason) => {
          // A refused join was counted as one, and 1000 and 4000 are our own doing.
          if (code > 1000 && code !== 4000) this.#lost(code, reason);
          else this.#outbox.detach();
          reject(new JoinRefused(code, reason));
        },
      });
      this.#link = link;
      link.start();
    });
  }

  /**
   * Sends a command as soon as it can, and again, by its id, until it is answered.
   * Rejects with `CommandRefused` for good, and with `TableClosed` where the seat was given up before.
   */
  command(command: Command): Promise<Answer> {
    return this.#outbox.add(command);
  }

  /** Waits for no answer any more. */
  giveUp(): void {
    void this.#outbox.close(0, "given up", false);
  }

  /** Says goodbye: the place is freed. Resolves when the server has closed. */
  async leave(): Promise<void> {
    const room = this.#room;
    const closed = room?.connection.isOpen ? new Promise<void>((resolve) => room.onLeave(() => resolve())) : undefined;
    this.#link?.end(true);
    await Promise.race([closed, delay(GOODBYE_LIMIT_MS, undefined, { ref: false })]);
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

  /** One try to join, counted by what became of it; `Link` begins the next one where this got no answer in time. */
  async #join(options: JoinOptions, token: string): Promise<RoomConnection> {
    if (this.#joining) this.#refused("join no_answer");
    this.#joining = true;
    let sdkRoom: SessionRoom | undefined;
    const join = joinWithColyseus(this.#endpoint.now, (room) => {
      sdkRoom = room as unknown as SessionRoom;
    });
    try {
      const connection = await join(options, token);
      if (sdkRoom !== undefined) this.#rooms.set(connection, sdkRoom);
      return connection;
    } catch (error) {
      this.#refused(`join ${String((error as { code?: unknown }).code)}`);
      throw error;
    } finally {
      this.#joining = false;
    }
  }

  #refused(what: string): void {
    this.#tally.countRefused(what);
    this.#endpoint.next();
  }

  #attend(room: RoomConnection, onFirstState: () => void): void {
    this.#room = this.#rooms.get(room);
    if (this.#room !== undefined) countReceived(this.#room, this.#tally);
    let first = true;
    room.onMessage(() => {});
    room.onState((live) => {
      this.#onState(live as unknown as SessionView, first);
      if (!first) return;
      first = false;
      onFirstState();
      if (this.#lostAtMs !== undefined) this.#tally.backMs.record(performance.now() - this.#lostAtMs);
      this.#lostAtMs = undefined;
      this.#outbox.attach((command) => this.#send(room, command));
    });
  }

  async #send(room: RoomConnection, command: Command): Promise<unknown> {
    try {
      const answer = (await room.request("command", command, ANSWER_TIMEOUT_MS)) as { readonly seq: number };
      if ((this.state?.seq ?? 0) < answer.seq) this.unseen++;
      return answer;
    } catch (error) {
      const refusal = error instanceof RequestRefused ? (error.reason as { readonly code?: string }) : undefined;
      this.#tally.countRefused(refusal?.code ?? "no_answer");
      throw error;
    }
  }

  #lost(code: number, reason: string): void {
    this.#outbox.detach();
    this.#tally.countClosed(code, reason);
    this.#lostAtMs ??= performance.now();
  }

  #socket(): WebSocket | undefined {
    return (this.#room?.connection.transport as { ws?: WebSocket } | undefined)?.ws;
  }
}
