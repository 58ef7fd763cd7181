import { getMessageBytes, Protocol } from "@colyseus/core";
import { Room } from "@colyseus/sdk";
import "./quiet.ts";

/** A value as MessagePack, as the framework writes it. */
export function packed(value: unknown): Buffer {
  const frame = getMessageBytes.raw(Protocol.ROOM_DATA, "x", value === undefined ? null : value);
  return frame.subarray(3);
}

const sdk = new Room("session") as unknown as { readonly packr: { pack(value: unknown): Buffer } };

/** A value as MessagePack, as the JavaScript SDK writes it: objects of one shape have their keys once. */
export function packedBySdk(value: unknown): Buffer {
  return Buffer.from(sdk.packr.pack(value));
}
