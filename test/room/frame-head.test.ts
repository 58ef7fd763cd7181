import assert from "node:assert/strict";
import { Protocol } from "@colyseus/core";
import { encode } from "@colyseus/schema";
import fc from "fast-check";
import { readHead } from "../../src/room/frame-head.ts";

/** The head as the framework's own encoder writes it, with one byte behind it. */
function frame(requestId: number | undefined, type: string | number): Buffer {
  const bytes = Buffer.alloc(4_096);
  const it = { offset: 1 };
  bytes[0] = requestId === undefined ? Protocol.ROOM_DATA : Protocol.ROOM_REQUEST;
  if (requestId !== undefined) encode.number(bytes, requestId, it);
  if (typeof type === "string") encode.string(bytes, type, it);
  else encode.number(bytes, type, it);
  bytes[it.offset] = 0xc0;
  return bytes.subarray(0, it.offset + 1);
}

const NUMBERS = [0, 1, 127, 128, 255, 256, 65_536, 2 ** 32, 2 ** 40, -1, -33, -200, -70_000, 1.5];

describe("a frame's head", () => {
  it("[C45] is read as the framework's SDKs write it", () => {
    for (const requestId of [undefined, ...NUMBERS]) {
      for (const type of ["command", "", "x".repeat(31), "x".repeat(64), "é".repeat(64), ...NUMBERS]) {
        const bytes = frame(requestId, type);
        const head = readHead(bytes);
        assert.deepEqual(head, { requestId, type, payloadAt: bytes.length - 1 }, `${requestId} ${type}`);
      }
    }
  });

  it("[C43] has no type where that is over 64 characters, and the rest all the same", () => {
    for (const type of ["x".repeat(65), "é".repeat(65), "\u{1f409}".repeat(65), "x".repeat(1_000)]) {
      const bytes = frame(5, type);
      assert.deepEqual(readHead(bytes), { requestId: 5, type: undefined, payloadAt: bytes.length - 1 });
    }
    assert.equal(readHead(frame(5, "\u{1f409}".repeat(64)))?.type, "\u{1f409}".repeat(64));
  });

  it("[C45] is none where it is cut off, and never a throw", () => {
    for (const bytes of [frame(300, "x".repeat(40)), frame(2 ** 40, 2 ** 33), frame(undefined, "y".repeat(300))]) {
      for (let end = 1; end < bytes.length - 1; end++) assert.equal(readHead(bytes.subarray(0, end)), undefined);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (noise) => {
        for (const code of [Protocol.ROOM_DATA, Protocol.ROOM_REQUEST]) {
          const bytes = Buffer.concat([Buffer.of(code), noise]);
          const head = readHead(bytes);
          assert.ok(head === undefined || head.payloadAt <= bytes.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
