import assert from "node:assert/strict";
import fc from "fast-check";
import { closeFrame, ServerFrames } from "../../src/cluster/server-frames.ts";

/** A frame as a server sends it, or (masked) as a client does. */
function frame(opcode: number, length: number, isMasked = false): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.of(0x80 | opcode, mask | length)
      : length < 65_536
        ? Buffer.of(0x80 | opcode, mask | 126, length >> 8, length & 0xff)
        : Buffer.concat([Buffer.of(0x80 | opcode, mask | 127), eight(length)]);
  // Payloads that look like frames themselves.
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0, 1), Buffer.alloc(length, 0x88)]);
}

function eight(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

describe("frames of a server that are passed on", () => {
  it("[MP43] is between two frames exactly where one ends, however the bytes are cut", () => {
    const one = fc.record({
      opcode: fc.constantFrom(0, 1, 2, 9, 10),
      length: fc.oneof(fc.nat(130), fc.constantFrom(0, 125, 126, 127, 65_535, 65_536, 70_000)),
      isMasked: fc.boolean(),
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), cuts, (told, sizes) => {
        const frames = told.map(({ opcode, length, isMasked }) => frame(opcode, length, isMasked));
        const ends = new Set<number>([0]);
        let total = 0;
        for (const { length } of frames) {
          total += length;
          ends.add(total);
        }
        const bytes = Buffer.concat(frames);
        const seen = new ServerFrames();
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          seen.take(bytes.subarray(at, at + size));
          at = Math.min(bytes.length, at + size);
          assert.equal(seen.mayAdd, ends.has(at), `at ${at} of ${bytes.length}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("[MP43] behind a close frame nothing may be added", () => {
    const seen = new ServerFrames();
    seen.take(frame(2, 10));
    assert.equal(seen.mayAdd, true);
    seen.take(closeFrame(4201, "removed"));
    assert.equal(seen.mayAdd, false);
  });

  it("[MP43] a close frame is as a server writes it", () => {
    assert.deepEqual([...closeFrame(4010, "host_moved")], [0x88, 12, 0x0f, 0xaa, ...Buffer.from("host_moved")]);
  });
});
