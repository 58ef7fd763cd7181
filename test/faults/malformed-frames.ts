import type { Random } from "../support/random.ts";

/** A piece of MessagePack as bytes. */
type Packed = Buffer;

export const ROOM_DATA = 13;
export const ROOM_DATA_BYTES = 17;
export const PING = 18;
export const ROOM_REQUEST = 21;
export const ROOM_RESPONSE = 22;

const TYPES = ["command", "activity", "presence", "latency", "digest", "authenticate"] as const;
const ACTIONS = ["set", "merge", "delete", "increment", "append", "move", "batch", "constructor", "no such"] as const;
const NAMES = ["__proto__", "constructor", "toString", "length", "id", "path", "value", "then", "toJSON", ""] as const;
const PATHS = [
  "shared/x",
  "shared/x/y/z",
  "shared",
  "players/mallory0/hp",
  "private/zoe/note",
  "gm/plan",
  "table/turn",
  "shared/__proto__/constructor",
  "shared//",
  "shared/..",
  "a/b",
  "shared/a/b/c/d/e/f/g/h/i",
  "",
] as const;

/** A frame that can be decoded and means nothing, or something wrong: it may be refused or dropped, no more. */
export function wrongFrame(random: Random, requestId: number): Buffer {
  const type = random.between(1, 8) === 1 ? text(random.pick(NAMES)) : text(random.pick(TYPES));
  const payload = random.between(1, 3) === 1 ? anything(random, 4) : nearlyCommand(random);
  switch (random.between(1, 6)) {
    case 1:
      return Buffer.concat([Buffer.of(ROOM_DATA), type, payload]);
    case 2:
      return Buffer.concat([Buffer.of(ROOM_DATA), anyNumber(random), payload]);
    default:
      return Buffer.concat([Buffer.of(ROOM_REQUEST, requestId), type, payload]);
  }
}

/** A frame that is damaged, or larger or deeper than it looks: its connection may be ended for it. */
export function brokenFrame(random: Random, requestId: number): Buffer {
  const frame = wrongFrame(random, requestId);
  switch (random.between(1, 8)) {
    case 1:
      return frame.subarray(0, random.between(0, frame.length));
    case 2:
    case 3: {
      for (let i = random.between(1, 4); i > 0; i--) {
        const at = random.between(1, frame.length - 1);
        frame[at] = (frame[at] ?? 0) ^ (1 << random.between(0, 7));
      }
      return frame;
    }
    case 4: // any opcode but that of leaving on purpose
      frame[0] = random.between(0, 255);
      return frame[0] === 12 ? Buffer.of(255) : frame;
    case 5:
      return Buffer.from(Array.from({ length: random.between(1, 60) }, () => random.between(0, 255))).fill(20, 0, 1);
    case 6: // a header that promises more than there is
      return request(
        requestId,
        Buffer.concat([Buffer.of(random.pick([0xdb, 0xdd, 0xdf, 0xc6, 0xc9])), uint32(random)]),
      );
    case 7: // a depth bomb, of arrays or of maps with one key
      return request(requestId, bomb(random, 2 ** random.between(4, 16)));
    default: // an extension that nobody knows
      return request(requestId, Buffer.concat([Buffer.of(0xc7, 2, random.between(0, 255)), Buffer.of(1, 2)]));
  }
}

function request(requestId: number, payload: Packed): Buffer {
  return Buffer.concat([Buffer.of(ROOM_REQUEST, requestId), text("command"), payload]);
}

function bomb(random: Random, depth: number): Packed {
  const [open, core] =
    random.next() < 0.5 ? [Buffer.of(0x91), Buffer.of(1)] : [Buffer.of(0x81, 0xa1, 0x61), Buffer.of(1)];
  const value = Buffer.concat([...new Array<Buffer>(depth).fill(open), core]);
  return random.next() < 0.5
    ? value
    : map([
        ["id", text("bomb")],
        ["action", text("set")],
        [
          "payload",
          map([
            ["path", text("shared/x")],
            ["value", value],
          ]),
        ],
      ]);
}

/** A command of which one or two parts are not what they should be. */
function nearlyCommand(random: Random): Packed {
  const payload = map([
    ["path", spoilt(random, text(random.pick(PATHS)))],
    [random.pick(["value", "by", "values", "from", "to", "ops"]), spoilt(random, anything(random, 3))],
    ...(random.between(1, 4) === 1 ? [[random.pick(NAMES), anything(random, 1)] as const] : []),
  ]);
  return map([
    ["id", spoilt(random, text(random.text(random.pick([1, 8, 64, 65]))))],
    ["action", spoilt(random, text(random.pick(ACTIONS)))],
    ["payload", spoilt(random, payload)],
    ...(random.between(1, 5) === 1 ? [["expect", map([[random.pick(PATHS), anything(random, 1)]])] as const] : []),
  ]);
}

function spoilt(random: Random, right: Packed): Packed {
  return random.between(1, 5) === 1 ? anything(random, 2) : right;
}

/** Any value that MessagePack can say in bytes that decode, JSON or not. */
function anything(random: Random, depth: number): Packed {
  switch (random.between(1, depth > 0 ? 13 : 10)) {
    case 1:
      return Buffer.of(0xc0); // null
    case 2:
      return Buffer.of(0xc2 + random.between(0, 1)); // a boolean
    case 3:
    case 4:
      return anyNumber(random);
    case 5:
      return Buffer.concat([Buffer.of(0xc4, 3), Buffer.of(1, 2, 3)]); // bytes
    case 6:
      return Buffer.concat([Buffer.of(0xd6, 0xff), uint32(random)]); // a date
    case 7:
      return text(random.pick(NAMES));
    case 8:
      return text(random.pick(["", "x".repeat(31), "y".repeat(300), "z".repeat(5_000)]));
    case 9: // no UTF-8: a lone surrogate, a cut character, bytes that never occur
      return Buffer.concat([
        Buffer.of(0xa3),
        random.pick([Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xe2, 0x82, 0x20), Buffer.of(0xff, 0xfe, 0xc0)]),
      ]);
    case 10:
      return text(random.pick(PATHS));
    case 11:
    case 12: {
      const items = Array.from({ length: random.between(0, 4) }, () => anything(random, depth - 1));
      return Buffer.concat([Buffer.of(0x90 | items.length), ...items]);
    }
    default:
      return map(Array.from({ length: random.between(0, 4) }, () => [random.pick(NAMES), anything(random, depth - 1)]));
  }
}

function anyNumber(random: Random): Packed {
  const eight = Buffer.alloc(9);
  switch (random.between(1, 5)) {
    case 1:
      eight[0] = 0xcb;
      eight.writeDoubleBE(random.pick([Number.NaN, Infinity, -Infinity, -0, 1e308, 5e-324, 2 ** 53, 0.1]), 1);
      return eight;
    case 2: // beyond what a number holds: a bigint
      eight[0] = 0xcf;
      eight.writeBigUInt64BE(2n ** 64n - BigInt(random.between(1, 1_000)), 1);
      return eight;
    case 3:
      eight[0] = 0xd3;
      eight.writeBigInt64BE(-(2n ** 63n) + BigInt(random.between(0, 1_000)), 1);
      return eight;
    default:
      return Buffer.of(random.pick([0, 1, 7, 127, 0xe0, 0xff]));
  }
}

function uint32(random: Random): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(random.next() < 0.3 ? 0xffff_ffff : 2 ** random.between(8, 31));
  return bytes;
}

function text(value: string): Packed {
  const bytes = Buffer.from(value);
  if (bytes.length < 32) return Buffer.concat([Buffer.of(0xa0 | bytes.length), bytes]);
  return Buffer.concat([Buffer.of(0xda, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function map(pairs: readonly (readonly [string, Packed])[]): Packed {
  return Buffer.concat([Buffer.of(0x80 | pairs.length), ...pairs.flatMap(([key, value]) => [text(key), value])]);
}
