import { type Client, ClientState, getMessageBytes, Protocol, ResponseStatus } from "@colyseus/core";
import { usableId } from "../core/command.ts";
import { MAX_COMMAND_BYTES } from "../core/limits.ts";
import { TokenBucket } from "../core/rate.ts";
import { isRefusal, type Refusal, refusal } from "../core/refusal.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connection, Connections } from "./connections.ts";
import { type FrameHead, MAX_TYPE_CHARACTERS, readHead } from "./frame-head.ts";
import { endForProtocol, type FrameTaker } from "./frames.ts";
import { holdFor } from "./held-sockets.ts";
import { textUnder, type Unpacked, unpack } from "./unpack.ts";

/** What a message is answered: a refusal, or what was asked for. */
export type Answer = object | Refusal;

/** Takes a message that was decoded, of any shape; `isTooLong`: not whole, for it is longer than a command may be. Never throws. */
export type Handler = (
  connection: Connection,
  message: Pick<Unpacked, "value" | "isTooLong">,
) => Answer | Promise<Answer>;

/** A larger frame holds more than a command may, whatever is in it: nothing but its head is decoded. */
export const MAX_DECODED_BYTES = 264 * 1024;
/** Of one connection, requests that cannot be decoded are answered: so many at once, and one a minute. */
const UNDECODABLE_AT_ONCE = 5;
const UNDECODABLE_PER_SECOND = 1 / 60;
/** How far into a command that is not decoded its id is looked for. */
const TOKENS_UP_TO_ID = 1_000;

const NO_PAYLOAD = { value: undefined, isTooLong: false };
/** The one type that is answered where it came as a plain message, too: by a message `reply`. */
const COMMAND = "command";

/**
 * Takes the messages of a room's clients: decodes each once, hands it to the handler of its type, and sends the answer in
 * the framework's own form. What cannot be decoded is said to nobody but its sender, in words of ours.
 */
export class Intake {
  readonly #room: FrameTaker & { readonly connections: Connections };
  readonly #handlers: ReadonlyMap<string | number, Handler>;
  readonly #clock: Clock;
  readonly #undecodable = new WeakMap<Client, TokenBucket>();

  constructor(
    room: FrameTaker & { readonly connections: Connections },
    handlers: ReadonlyMap<string | number, Handler>,
    clock: Clock,
  ) {
    this.#room = room;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** @param frame of a message or a request */
  take(client: Client, frame: Buffer): void {
    const connection = this.#room.connections.get(client);
    if (connection === undefined || client.state === ClientState.LEAVING) return;
    const head = readHead(frame);
    if (head === undefined) {
      endForProtocol(this.#room, client);
      return;
    }
    const { requestId, type } = head;
    if (type === undefined) {
      if (requestId === undefined) endForProtocol(this.#room, client);
      else reject(client, requestId, refusal("bad_request", `A type has at most ${MAX_TYPE_CHARACTERS} characters.`));
      return;
    }
    if (frame.length > MAX_DECODED_BYTES) {
      const refused = refusal("limit_exceeded", `A message has at most ${MAX_DECODED_BYTES} bytes.`);
      if (requestId !== undefined) reject(client, requestId, refused);
      return;
    }
    const handler = this.#handlers.get(type);
    if (handler === undefined) {
      if (requestId !== undefined) fail(client, requestId, "no_handler", `There is no message "${type}" here.`);
      return;
    }
    const isEmpty = head.payloadAt === frame.length;
    const message = isEmpty ? NO_PAYLOAD : unpack(frame, head.payloadAt, MAX_COMMAND_BYTES);
    if (message === undefined) {
      this.#cannotDecode(client, requestId);
      return;
    }
    const answer = handler(connection, message);
    if (answer instanceof Promise) void answer.then((late) => settle(client, head, frame, message, late));
    else settle(client, head, frame, message, answer);
  }

  #cannotDecode(client: Client, requestId: number | undefined): void {
    let allowed = this.#undecodable.get(client);
    if (allowed === undefined) {
      allowed = new TokenBucket(UNDECODABLE_PER_SECOND, UNDECODABLE_AT_ONCE);
      this.#undecodable.set(client, allowed);
    }
    if (requestId === undefined || allowed.take(this.#clock.steady()) !== true) endForProtocol(this.#room, client);
    else fail(client, requestId, "bad_request", "That cannot be decoded.");
  }
}

function settle(
  client: Client,
  { requestId, type, payloadAt }: FrameHead,
  frame: Buffer,
  message: Pick<Unpacked, "value" | "isTooLong"> | undefined,
  answer: Answer,
): void {
  const isNo = isRefusal(answer);
  if (isNo && answer.retryAfterMs !== undefined) holdFor(client.ref, answer.retryAfterMs);
  if (requestId !== undefined) {
    respond(client, requestId, isNo ? ResponseStatus.REJECTED : ResponseStatus.OK, answer);
  } else if (type === COMMAND) {
    const isWhole = message !== undefined && !message.isTooLong;
    const id = usableId(isWhole ? message.value : { id: textUnder("id", frame, payloadAt, TOKENS_UP_TO_ID) });
    if (id === undefined) return;
    const reply = isNo ? { id, ok: false, error: answer } : { id, ok: true, ...answer };
    client.enqueueRaw(getMessageBytes.raw(Protocol.ROOM_DATA, "reply", reply));
  }
}

function reject(client: Client, requestId: number, refused: Refusal): void {
  respond(client, requestId, ResponseStatus.REJECTED, refused);
}

/** What the framework says where a request fails, in its own form. */
function fail(client: Client, requestId: number, name: string, message: string): void {
  respond(client, requestId, ResponseStatus.ERROR, { name, message });
}

function respond(client: Client, requestId: number, status: ResponseStatus, payload: object): void {
  client.enqueueRaw(getMessageBytes[Protocol.ROOM_RESPONSE](requestId, status, payload));
}
