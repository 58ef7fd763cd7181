import assert from "node:assert/strict";
import { decode, encode } from "@colyseus/schema";
import "../../src/room/long-texts.ts";

const write = encode.string as (bytes: Uint8Array, value: string, it: { offset: number }) => number;

describe("long texts in the state", () => {
  it("[C53] are read back by the framework's decoder, of every length and any letters", () => {
    for (const letter of ["a", "é", "€", "\u{1f409}"]) {
      for (const length of [0, 1, 31, 32, 47, 48, 49, 63, 84, 85, 127, 128, 255, 256, 21_845, 21_846, 65_535, 65_536]) {
        const text = letter.repeat(length);
        const bytes = new Uint8Array(4 * 65_536 + 100);
        const it = { offset: 7 };
        const size = write(bytes, text, it);
        assert.equal(it.offset, 7 + size);
        const from = { offset: 7 };
        assert.equal(decode.string(bytes, from), text);
        assert.equal(from.offset, it.offset);
      }
    }
  });

  it("[C53] that do not fit are counted all the same, and write nothing beyond the end of the buffer", () => {
    const whole = new Uint8Array(1_000);
    for (const room of [0, 1, 2, 50, 101]) {
      const bytes = whole.subarray(0, room);
      const it = { offset: 0 };
      write(bytes, "x".repeat(100), it);
      assert.equal(it.offset, 102);
      assert.ok(whole.subarray(room).every((byte) => byte === 0));
    }
    assert.equal(write(whole, undefined as unknown as string, { offset: 0 }), 1, "nothing is an empty text");
  });
});
