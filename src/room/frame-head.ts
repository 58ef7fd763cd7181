import { Protocol } from "@colyseus/core";

/** How a frame that carries a message begins. */
export interface FrameHead {
  /** of a `request`, for its answer; undefined for a plain message */
  readonly requestId: number | undefined;
  /** a number is nobody's type here; undefined for a text that is longer than any, which is not read */
  readonly type: string | number | undefined;
  /** where the payload begins */
  readonly payloadAt: number;
}

export const MAX_TYPE_CHARACTERS = 64;

/**
 * Reads how a message's frame begins, as the framework writes it: its own numbers have the small end first, unlike those
 * in the payload. Never throws.
 * @param frame of `ROOM_DATA` or `ROOM_REQUEST`
 * @returns undefined where it does not begin so
 */
export function readHead(frame: Buffer): FrameHead | undefined {
  const cursor: Cursor = { at: 1 };
  const isRequest = frame[0] === Protocol.ROOM_REQUEST;
  const requestId = isRequest ? readNumber(frame, cursor) : undefined;
  if (isRequest && requestId === undefined) return undefined;
  const length = readTextLength(frame, cursor);
  if (length === undefined) {
    const type = readNumber(frame, cursor);
    return type === undefined ? undefined : { requestId, type, payloadAt: cursor.at };
  }
  const payloadAt = cursor.at + length;
  if (payloadAt > frame.length) return undefined;
  return { requestId, type: readType(frame, cursor.at, length), payloadAt };
}

interface Cursor {
  at: number;
}

function readType(frame: Buffer, at: number, length: number): string | undefined {
  if (length > 4 * MAX_TYPE_CHARACTERS) return undefined;
  const type = frame.toString("utf8", at, at + length);
  return type.length > MAX_TYPE_CHARACTERS && [...type].length > MAX_TYPE_CHARACTERS ? undefined : type;
}

/** The length of the text that begins here; undefined where none does, and the cursor stays. */
function readTextLength(frame: Buffer, cursor: Cursor): number | undefined {
  const head = frame[cursor.at] ?? 0;
  if (head >= 0xa0 && head < 0xc0) {
    cursor.at += 1;
    return head & 0x1f;
  }
  if (head < 0xd9 || head > 0xdb) return undefined;
  const size = 1 << (head - 0xd9);
  if (cursor.at + 1 + size > frame.length) return undefined;
  const length = frame.readUIntLE(cursor.at + 1, size);
  cursor.at += 1 + size;
  return length;
}

const READERS: { readonly [head: number]: readonly [size: number, read: (frame: Buffer, at: number) => number] } = {
  202: [4, (frame, at) => frame.readFloatLE(at)],
  203: [8, (frame, at) => frame.readDoubleLE(at)],
  204: [1, (frame, at) => frame.readUInt8(at)],
  205: [2, (frame, at) => frame.readUInt16LE(at)],
  206: [4, (frame, at) => frame.readUInt32LE(at)],
  207: [8, (frame, at) => Number(frame.readBigUInt64LE(at))],
  208: [1, (frame, at) => frame.readInt8(at)],
  209: [2, (frame, at) => frame.readInt16LE(at)],
  210: [4, (frame, at) => frame.readInt32LE(at)],
  211: [8, (frame, at) => Number(frame.readBigInt64LE(at))],
};

function readNumber(frame: Buffer, cursor: Cursor): number | undefined {
  const head = frame[cursor.at];
  if (head === undefined) return undefined;
  cursor.at += 1;
  if (head < 0x80) return head;
  if (head >= 0xe0) return head - 0x100;
  const [size, read] = READERS[head] ?? [];
  if (size === undefined || read === undefined || cursor.at + size > frame.length) return undefined;
  const number = read(frame, cursor.at);
  cursor.at += size;
  return number;
}
