import { isUtf8 } from "node:buffer";

/** In the place of what MessagePack can say and JSON cannot: bytes, dates, extensions, text that is no UTF-8, great depth. */
export const NOT_JSON: unique symbol = Symbol("what JSON cannot say");

/** The names of a record's fields; undefined for one that JSON has no word for. */
export interface RecordFields {
  readonly names: readonly (string | undefined)[];
  /** in all names together */
  readonly characters: number;
}

/** Shorter texts without a foreign letter are put together here, which is quicker than asking Node for them. */
const SHORT_TEXT_BYTES = 12;
/** msgpackr's extension for records, with one byte for the record's id. */
const FIXEXT_1 = 0xd4;
const RECORD = 0x72;
/** Where an id of a record may stand: in the place of whole numbers from 64 to 127, once it is defined. */
const FIRST_RECORD_ID = 0x40;

/**
 * Bytes of MessagePack, read from a place on. Nothing throws: what is read beyond the end, or is none of MessagePack, makes
 * it broken, and what is read after that means nothing.
 *
 * The SDK's encoder (msgpackr) writes objects as *records*: the names once, under an id, and from then on the id alone.
 */
export class PackedBytes {
  protected readonly bytes: Buffer;
  protected readonly end: number;
  protected at: number;
  #isBroken = false;
  #records: RecordFields[] | undefined;

  constructor(bytes: Buffer, start: number) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.at = start;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isAtEnd(): boolean {
    return !this.#isBroken && this.at === this.end;
  }

  /** Passes over so many values, whatever is in them. @returns what is left of `maxTokens` */
  skip(values: number, maxTokens = Number.POSITIVE_INFINITY): number {
    let tokens = maxTokens;
    for (let left = values; left > 0 && tokens > 0; left--, tokens--) {
      const head = this.at < this.end ? this.bytes[this.at++]! : 0xc1;
      if (head < 0x80) left += this.recordAt(head)?.names.length ?? 0;
      else if (head >= 0xe0) continue;
      else if (head < 0x90) left += 2 * (head & 0x0f);
      else if (head < 0xa0) left += head & 0x0f;
      else if (head < 0xc0) this.advance(head & 0x1f);
      else if (head >= 0xde) left += 2 * this.unsigned(2 << (head - 0xde));
      else if (head >= 0xdc) left += this.unsigned(2 << (head - 0xdc));
      else if (head >= 0xd9) this.advance(this.unsigned(1 << (head - 0xd9)));
      else if (head === FIXEXT_1 && this.isRecord) left += this.defineRecord().names.length;
      else if (head >= 0xd4) this.advance(1 + (1 << (head - 0xd4)));
      else if (head >= 0xcc) this.advance(1 << ((head - 0xcc) & 3));
      else if (head >= 0xca) this.advance(4 << (head - 0xca));
      else if (head >= 0xc7) this.advance(1 + this.unsigned(1 << (head - 0xc7)));
      else if (head >= 0xc4) this.advance(this.unsigned(1 << (head - 0xc4)));
      else if (head === 0xc1) this.broken();
      if (this.at > this.end) this.broken();
      if (this.#isBroken) return 0;
    }
    return tokens;
  }

  /** A text of so many bytes; `NOT_JSON` where they are no UTF-8 (a lone surrogate is none). */
  protected text(length: number): string | typeof NOT_JSON {
    if (!this.has(length)) return this.broken();
    const start = this.advance(length);
    const end = this.at;
    if (length <= SHORT_TEXT_BYTES) {
      let text = "";
      let at = start;
      for (; at < end && this.bytes[at]! < 0x80; at++) text += String.fromCharCode(this.bytes[at]!);
      if (at === end) return text;
    }
    const text = this.bytes.toString("utf8", start, end);
    // Where U+FFFD stands, it was sent, or stands for bytes that are no UTF-8.
    return !text.includes("\ufffd") || isUtf8(this.bytes.subarray(start, end)) ? text : NOT_JSON;
  }

  /** Whether the extension whose head was just read defines a record. */
  protected get isRecord(): boolean {
    return this.bytes[this.at] === RECORD;
  }

  /** Reads the definition of a record, whose first values follow. */
  protected defineRecord(): RecordFields {
    const id = this.has(2) ? this.bytes[this.advance(2) + 1]! & 0x3f : 0;
    const head = this.has(1) ? this.bytes[this.advance(1)]! : 0xc1;
    let left = head >= 0x90 && head < 0xa0 ? head & 0x0f : -1;
    if (head === 0xdc || head === 0xdd) left = this.unsigned(2 << (head - 0xdc));
    if (left < 0 || left > this.end - this.at) this.broken();
    const names: (string | undefined)[] = [];
    for (; left > 0 && !this.#isBroken; left--) names.push(this.fieldName());
    const fields = { names, characters: names.reduce((sum, name) => sum + (name?.length ?? 0), 0) };
    this.#records ??= [];
    this.#records[id] = fields;
    return fields;
  }

  /** The record that a byte below 0x80 is the id of, if it is one. */
  protected recordAt(head: number): RecordFields | undefined {
    return this.#records === undefined || head < FIRST_RECORD_ID ? undefined : this.#records[head & 0x3f];
  }

  /** A text, or a whole number as its text: some languages' SDKs have such keys. Undefined for any other value. */
  protected fieldName(): string | undefined {
    const head = this.at < this.end ? this.bytes[this.at]! : 0xc1;
    if (head >= 0xa0 && head < 0xc0) {
      this.at++;
      return textOnly(this.text(head & 0x1f));
    }
    if (head >= 0xd9 && head <= 0xdb) {
      this.at++;
      return textOnly(this.text(this.unsigned(1 << (head - 0xd9))));
    }
    if (head < 0x80 && this.recordAt(head) === undefined) {
      this.at++;
      return String(head);
    }
    const number = this.number();
    if (number === undefined) this.skip(1);
    return typeof number === "number" && Number.isInteger(number) ? String(number) : undefined;
  }

  /** The number that begins here, with more than a byte or below 0; undefined, and nothing is read, where none does. */
  protected number(): number | bigint | undefined {
    const head = this.at < this.end ? this.bytes[this.at]! : 0xc1;
    if (head >= 0xe0) {
      this.at++;
      return head - 0x100;
    }
    if (head < 0xca || head > 0xd3) return undefined;
    const size = head < 0xcc ? 4 << (head - 0xca) : 1 << ((head - 0xcc) & 3);
    this.at++;
    if (!this.has(size)) {
      this.broken();
      return 0;
    }
    const start = this.advance(size);
    if (head === 0xca) return this.bytes.readFloatBE(start);
    if (head === 0xcb) return this.bytes.readDoubleBE(start);
    if (head === 0xcf) return asNumber(this.bytes.readBigUInt64BE(start));
    if (head === 0xd3) return asNumber(this.bytes.readBigInt64BE(start));
    return head < 0xd0 ? this.bytes.readUIntBE(start, size) : this.bytes.readIntBE(start, size);
  }

  protected unsigned(size: number): number {
    if (this.has(size)) return this.bytes.readUIntBE(this.advance(size), size);
    this.broken();
    return 0;
  }

  protected has(size: number): boolean {
    return this.end - this.at >= size;
  }

  /** @returns where it stood */
  protected advance(size: number): number {
    const before = this.at;
    this.at += size;
    return before;
  }

  protected broken(): typeof NOT_JSON {
    this.#isBroken = true;
    return NOT_JSON;
  }
}

function textOnly(text: string | typeof NOT_JSON): string | undefined {
  return text === NOT_JSON ? undefined : text;
}

/** An integer of 64 bits is the number that it stands for where a number holds it. */
function asNumber(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
