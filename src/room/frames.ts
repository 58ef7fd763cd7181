import { type Client, getMessageBytes, Protocol, ResponseStatus, type Room } from "@colyseus/core";
import { CloseCode, closeReason } from "./close-codes.ts";

type TakeFrame = (this: Room, client: Client, frame: Buffer) => void;

/**
 * Lets no frame throw out of a room. Part of the framework's decoding stands outside of its own `try`, so a truncated
 * frame would be an uncaught exception; here it ends the connection that sent it (4205).
 * @param prototype of the room's class, whose private `_onMessage` takes every frame
 */
export function guardFrames(prototype: Room): void {
  const guarded = prototype as unknown as { _onMessage: TakeFrame };
  const takeFrame = guarded._onMessage;
  guarded._onMessage = function (client, frame) {
    try {
      takeFrame.call(this, client, frame);
    } catch {
      client.leave(CloseCode.protocolError, closeReason(CloseCode.protocolError));
    }
  };
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
