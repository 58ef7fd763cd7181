import { encode } from "@colyseus/schema";

/** From so many UTF-16 units on, asking Node to write a text is quicker than writing it letter by letter. */
const LONG_TEXT = 48;

type Write = (bytes: Uint8Array, value: string, it: { offset: number }) => number;

const encoders = encode as unknown as { string: Write };
const writeShort = encoders.string;

/**
 * The schema's encoder writes texts letter by letter, which is most of what large values cost. From the import of this
 * module on, long ones are written by Node. To be imported before any schema is defined: those keep the encoder that
 * they find. As the encoder does, it goes on counting beyond the end of the buffer: that tells that more room is needed.
 */
encoders.string = (bytes, value, it) => {
  if (!value || value.length < LONG_TEXT) return writeShort(bytes, value, it);
  const length = Buffer.byteLength(value, "utf8");
  const start = it.offset;
  const head = headOf(length);
  for (const byte of head) bytes[it.offset++] = byte;
  if (it.offset + length <= bytes.length) {
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).write(value, it.offset, length, "utf8");
  }
  it.offset += length;
  return it.offset - start;
};

/** How a text of so many bytes begins, the small end of the length first. */
function headOf(length: number): readonly number[] {
  if (length < 0x100) return [0xd9, length];
  if (length < 0x10000) return [0xda, length & 0xff, length >> 8];
  return [0xdb, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24];
}
