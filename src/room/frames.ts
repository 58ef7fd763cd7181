import { type Client, ClientState, getMessageBytes, Protocol, ResponseStatus, type Room } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { withIntegersAsNumbers } from "../core/json.ts";
import { CloseCode, closeReason } from "./close-codes.ts";

type TakeFrame = (this: Room, client: Client, frame: Buffer) => void;

/** A room that says when a client's acknowledgement of its join, which brings it the whole state, is taken. */
interface Admitting extends Room {
  acknowledged(client: Client, take: () => void): void;
}

/** msgpackr makes `__proto_` of a key `__proto__`, and nobody can tell afterwards: so the frame has to be asked. */
const RENAMED_KEY = "__proto__";
const RENAMED_TO = "__proto_";
let frameNamesProto = false;

/** Whether a key of the message, which is from the frame that is being taken just now, is not the one that was sent. */
export function hasRenamedKey(message: unknown): boolean {
  return frameNamesProto && hasKey(message, RENAMED_TO);
}

function hasKey(value: unknown, key: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, key) || Object.values(value).some((inner) => hasKey(inner, key));
}

/** What a 64-bit integer begins with, without and with a sign. The bytes mean other things as well, such as Greek letters. */
const INTEGER_64 = [0xcf, 0xd3] as const;
let frameMayHoldIntegers64 = false;

/** The message, which is from the frame that is being taken just now, with 64-bit integers as the numbers that they are. */
export function asNumbers(message: unknown): unknown {
  return frameMayHoldIntegers64 ? withIntegersAsNumbers(message) : message;
}

/**
 * Looks at every frame before the framework does. Part of its decoding stands outside of its own `try`, so a truncated
 * frame would be an uncaught exception; here it ends the connection that sent it (4205). And what is sent without asking
 * for an answer, of a type that does not exist, is dropped instead of ending the connection. When the frame that asks for
 * the first full state is taken, is for the room to say.
 * @param prototype of the room's class, whose private `_onMessage` takes every frame
 * @param types of the messages that the room knows
 */
export function guardFrames(prototype: Admitting, types: ReadonlySet<string>): void {
  const guarded = prototype as unknown as { _onMessage: TakeFrame };
  const takeFrame = guarded._onMessage;
  guarded._onMessage = function (client, frame) {
    try {
      frameNamesProto = frame.includes(RENAMED_KEY);
      frameMayHoldIntegers64 = INTEGER_64.some((byte) => frame.includes(byte));
      if (isOfUnknownType(frame, types)) return;
      if (frame[0] !== Protocol.JOIN_ROOM) takeFrame.call(this, client, frame);
      else if (client.state === ClientState.JOINING) {
        (this as Admitting).acknowledged(client, () => takeFrame.call(this, client, frame));
      }
    } catch {
      client.leave(CloseCode.protocolError, closeReason(CloseCode.protocolError));
    }
  };
}

function isOfUnknownType(frame: Buffer, types: ReadonlySet<string>): boolean {
  const [code] = frame;
  if (code === Protocol.ROOM_DATA_BYTES) return true;
  if (code !== Protocol.ROOM_DATA) return false;
  const it = { offset: 1 };
  return !decode.stringCheck(frame, it) || !types.has(decode.string(frame, it));
}

type ResponseBytes = (requestId: number, status: number, payload: unknown) => Buffer;

/**
 * Keeps internals out of the framework's own error answers: what cannot be decoded is answered with the text of V8 or of
 * msgpackr otherwise. `no_handler`, which clients know, stays.
 */
export function hideInternalsOfErrors(): void {
  const table = getMessageBytes as unknown as { [code: number]: ResponseBytes };
  const original = table[Protocol.ROOM_RESPONSE]!;
  table[Protocol.ROOM_RESPONSE] = (requestId, status, payload) => {
    const isOpen = status !== ResponseStatus.ERROR || (payload as { name?: unknown } | null)?.name === "no_handler";
    return original(requestId, status, isOpen ? payload : { name: "bad_request", message: "That cannot be decoded." });
  };
}
