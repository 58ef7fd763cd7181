import assert from "node:assert/strict";
import { Decoder, Encoder, encode } from "@colyseus/schema";
import fc from "fast-check";
import { SessionSchema } from "../../src/room/schema.ts";
import { writeText } from "../../src/room/text-encoding.ts";

/** As MessagePack says it: the head, then UTF-8. */
function expected(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const head = Buffer.alloc(5);
  if (length < 0x20) return Buffer.concat([Buffer.of(0xa0 | length), bytes]);
  if (length < 0x100) return Buffer.concat([Buffer.of(0xd9, length), bytes]);
  head[0] = length < 0x1_00_00 ? 0xda : 0xdb;
  head.writeUInt32LE(length, 1);
  return Buffer.concat([head.subarray(0, length < 0x1_00_00 ? 3 : 5), bytes]);
}

describe("texts on the wire", () => {
  it("[X84] are written as the framework writes them, whatever is in them and however long they are", () => {
    const letters = fc.constantFrom("x", "é", "€", "😀", "\0", '"');
    const lengths = fc.constantFrom(0, 1, 31, 47, 48, 60, 128, 254, 255, 256, 300, 16_384, 65_535, 65_536, 70_000);
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), lengths, fc.nat(9), (some, length, start) => {
        const text = some.join("").repeat(length).slice(0, length).toWellFormed();
        const bytes = new Uint8Array(300_000);
        const it = { offset: start };
        writeText(bytes, text, it);
        const wanted = expected(text);
        assert.equal(it.offset, start + wanted.length);
        assert.ok(wanted.equals(bytes.subarray(start, it.offset)));
      }),
      { numRuns: 300 },
    );
  });

  it("[X84] one that goes beyond the buffer's end leaves what is there alone, and says how much there would be", () => {
    const bytes = new Uint8Array(100).fill(7, 50);
    const it = { offset: 40 };
    writeText(bytes, "y".repeat(200), it);
    assert.equal(it.offset, 40 + 2 + 200);
    assert.ok(bytes.subarray(50).every((byte) => byte === 7));
  });

  it("[X84] the state's own fields are written so, and read back by the framework's decoder", () => {
    assert.equal(encode.string as unknown, writeText);
    const state = new SessionSchema();
    state.title = "€".repeat(90);
    state.statusReason = "z".repeat(500);
    const bytes = new Encoder(state).encodeAll();
    const copy = new SessionSchema();
    new Decoder(copy).decode(Buffer.from(bytes));
    assert.deepEqual([copy.title, copy.statusReason], [state.title, state.statusReason]);
  });
});
