import { type Client, ResponseStatus } from "@colyseus/core";
import { MAX_COMMAND_BYTES } from "../core/limits.ts";
import { TokenBucket } from "../core/rate.ts";
import { isRefusal, type Refusal, refusal } from "../core/refusal.ts";
import { type SessionWork, unitsOf } from "../core/work-budget.ts";
import { overBudget } from "../live/command-desk.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connection, Connections } from "./connections.ts";
import { type FrameHead, MAX_TYPE_CHARACTERS, readHead } from "./frame-head.ts";
import { endForProtocol, type FrameTaker } from "./frames.ts";
import { holdFor } from "./held-sockets.ts";
import { Reply } from "./reply.ts";
import { type Unpacked, unpack } from "./unpack.ts";

/** What a message is answered: a refusal, or what was asked for. */
export type Answer = object | Refusal;
/** A message that was decoded, of any shape; `isTooLong`: not whole, for it is longer than a command may be. */
export type Message = Pick<Unpacked, "value" | "isTooLong">;
/** Takes the messages of one type. Never throws. */
export type Handler = (connection: Connection, message: Message) => Answer | Promise<Answer>;

interface Taker extends FrameTaker {
  readonly session: FrameTaker["session"] & { readonly work: SessionWork };
  readonly connections: Connections;
}

/** A larger frame holds more than a command may, whatever is in it: nothing but its head is decoded. */
export const MAX_DECODED_BYTES = 264 * 1024;
/** Of one connection, requests that cannot be decoded are answered: so many at once, and one a minute. */
const UNDECODABLE_AT_ONCE = 5;
const UNDECODABLE_PER_SECOND = 1 / 60;
/** Keys are dearer than their bytes: so many cost as much as a KiB. */
const KEYS_PER_UNIT = 16;
/** Renewing a token is never refused for want of a budget, or a busy client would lose its connection. */
const ALWAYS_TAKEN: ReadonlySet<unknown> = new Set(["authenticate"]);

const NO_PAYLOAD: Message & { readonly keys: number } = { value: undefined, isTooLong: false, keys: 0 };

/**
 * Takes the messages of a room's clients: each is paid for by its bytes, decoded once, handed to the handler of its type,
 * and answered in the framework's own form. What cannot be decoded is told to nobody but its sender, in words of ours.
 */
export class Intake {
  readonly #room: Taker;
  readonly #handlers: ReadonlyMap<string | number, Handler>;
  readonly #clock: Clock;
  readonly #undecodable = new WeakMap<Client, TokenBucket>();

  constructor(room: Taker, handlers: ReadonlyMap<string | number, Handler>, clock: Clock) {
    this.#room = room;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** Whether there is a budget for a frame that asks for next to nothing; else its socket is held back. */
  allows(client: Client): boolean {
    const connection = this.#room.connections.get(client);
    return connection !== undefined && this.#pay(connection, 1) === undefined;
  }

  /** @param frame of a message or a request */
  take(client: Client, frame: Buffer): void {
    const connection = this.#room.connections.get(client);
    if (connection === undefined) return;
    const head = readHead(frame);
    if (head === undefined) {
      endForProtocol(this.#room, client);
      return;
    }
    const reply = new Reply(client, head, frame);
    const refused = this.#refusal(connection, head, frame);
    if (refused !== undefined) this.#answer(connection, reply, refused);
    else if (head.type === undefined) this.#typeTooLong(connection, reply);
    else if (frame.length > MAX_DECODED_BYTES) this.#answerRequest(connection, reply, tooLarge());
    else this.#decode(connection, reply, head, frame);
  }

  #decode(connection: Connection, reply: Reply, head: FrameHead, frame: Buffer): void {
    const handler = this.#handlers.get(head.type!);
    if (handler === undefined) {
      this.#owe(connection, reply.fail("no_handler", `There is no message "${head.type}" here.`));
      return;
    }
    const isEmpty = head.payloadAt === frame.length;
    const message = isEmpty ? NO_PAYLOAD : unpack(frame, head.payloadAt, MAX_COMMAND_BYTES);
    if (message === undefined) {
      this.#cannotDecode(connection, reply);
      return;
    }
    const ofKeys = message.keys / KEYS_PER_UNIT - Math.max(1, unitsOf(frame.length));
    if (ofKeys > 0) this.#room.session.work.owe(connection.userId, ofKeys, this.#clock.steady());
    if (!message.isTooLong) reply.decoded(message.value);
    const answer = handler(connection, message);
    if (!(answer instanceof Promise)) this.#answer(connection, reply, answer);
    else void answer.then((late) => this.#answer(connection, reply, late));
  }

  /** A frame is paid for before anything but its head is decoded. */
  #refusal(connection: Connection, { type }: FrameHead, frame: Buffer): Refusal | undefined {
    const units = Math.max(1, unitsOf(frame.length));
    if (!ALWAYS_TAKEN.has(type)) return this.#pay(connection, units);
    this.#room.session.work.owe(connection.userId, units, this.#clock.steady());
    return undefined;
  }

  #pay({ userId, client }: Connection, units: number): Refusal | undefined {
    const { work } = this.#room.session;
    const now = this.#clock.steady();
    const retryAfterMs = work.spend(userId, units, now);
    if (retryAfterMs === 0) return undefined;
    work.refused(userId, now);
    holdFor(client.ref, retryAfterMs);
    return overBudget(retryAfterMs);
  }

  #typeTooLong(connection: Connection, reply: Reply): void {
    if (!reply.isRequest) endForProtocol(this.#room, connection.client);
    else this.#answer(connection, reply, typeTooLong());
  }

  #cannotDecode(connection: Connection, reply: Reply): void {
    const { client } = connection;
    let allowed = this.#undecodable.get(client);
    if (allowed === undefined) {
      allowed = new TokenBucket(UNDECODABLE_PER_SECOND, UNDECODABLE_AT_ONCE);
      this.#undecodable.set(client, allowed);
    }
    if (!reply.isRequest || allowed.take(this.#clock.steady()) !== true) endForProtocol(this.#room, client);
    else this.#owe(connection, reply.fail("bad_request", "That cannot be decoded."));
  }

  #answerRequest(connection: Connection, reply: Reply, refused: Refusal): void {
    if (reply.isRequest) this.#answer(connection, reply, refused);
  }

  #answer(connection: Connection, reply: Reply, answer: Answer): void {
    const isNo = isRefusal(answer);
    if (isNo && answer.retryAfterMs !== undefined) holdFor(connection.client.ref, answer.retryAfterMs);
    this.#owe(connection, reply.answer(isNo ? ResponseStatus.REJECTED : ResponseStatus.OK, answer));
  }

  /** What was answered is paid for as well: by whoever asked. */
  #owe({ userId }: Connection, bytes: number): void {
    this.#room.session.work.owe(userId, unitsOf(bytes), this.#clock.steady());
  }
}

function tooLarge(): Refusal {
  return refusal("limit_exceeded", `A message has at most ${MAX_DECODED_BYTES} bytes.`);
}

function typeTooLong(): Refusal {
  return refusal("bad_request", `A message's type has at most ${MAX_TYPE_CHARACTERS} characters.`);
}
