import { NOT_JSON, PackedBytes, type RecordFields } from "./packed-bytes.ts";

/** What a payload is, once it was decoded. */
export interface Unpacked {
  /** `NOT_JSON` stands where JSON has no word for what was sent */
  readonly value: unknown;
  /** keys, at any depth: what decoding costs besides bytes */
  readonly keys: number;
  /** Whether as JSON text it has more bytes than allowed. It was not decoded whole, then. */
  readonly isTooLong: boolean;
}

/** Deeper than anything that is JSON for us (`isJson`): not decoded, so that no recursion overflows. */
const MAX_DEPTH = 80;

/**
 * Decodes one value of MessagePack. It never throws and never quotes: what clients send is not to be found in an error,
 * and an error per frame is dear. A key `__proto__` is a property as any other. Integers of 64 bits are numbers where a
 * number holds them, else bigints. (docs/decisions/0011-budget-of-work.md says why there is no library for this.)
 * @param maxTextBytes of the value as JSON text, estimated from below; where it has more, decoding ends early
 * @returns undefined where the bytes are not exactly one value
 */
export function unpack(bytes: Buffer, start: number, maxTextBytes = Number.POSITIVE_INFINITY): Unpacked | undefined {
  const unpacker = new Unpacker(bytes, start, maxTextBytes);
  const value = unpacker.value(MAX_DEPTH);
  if (!unpacker.isAtEnd) return undefined;
  return { value, keys: unpacker.keys, isTooLong: unpacker.isTooLong };
}

/**
 * The text under a key of the object that begins at `start`, found without decoding anything else.
 * @param maxTokens so many scalars and heads of containers are passed over on the way to it, and no more
 */
export function textUnder(key: string, bytes: Buffer, start: number, maxTokens: number): string | undefined {
  return new Unpacker(bytes, start, Number.POSITIVE_INFINITY).textUnder(key, maxTokens);
}

class Unpacker extends PackedBytes {
  keys = 0;
  isTooLong = false;
  readonly #maxTextBytes: number;
  /** of the JSON text, from below */
  #textBytes = 0;

  constructor(bytes: Buffer, start: number, maxTextBytes: number) {
    super(bytes, start);
    this.#maxTextBytes = maxTextBytes;
  }

  /** @param depth of containers that may still be inside one another */
  value(depth: number): unknown {
    const head = this.at < this.end ? this.bytes[this.at++]! : 0xc1;
    if (head < 0x80) {
      const record = this.recordAt(head);
      return record === undefined ? head : this.#record(record, depth);
    }
    if (head < 0x90) return this.#map(head & 0x0f, depth);
    if (head < 0xa0) return this.#array(head & 0x0f, depth);
    if (head < 0xc0) return this.#text(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc1:
        return this.broken();
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xd4: {
        if (this.isRecord) return this.#record(this.defineRecord(), depth);
        // The framework's encoder says `undefined` by an extension 0 of one byte 0.
        if (this.has(2) && this.bytes[this.at] === 0 && this.bytes[this.at + 1] === 0) {
          this.advance(2);
          return undefined;
        }
        break;
      }
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.unsigned(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.unsigned(2 << (head - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.unsigned(2 << (head - 0xde)), depth);
    }
    this.at--;
    return this.number() ?? this.#notDecoded(1);
  }

  textUnder(key: string, maxTokens: number): string | undefined {
    const head = this.at < this.end ? this.bytes[this.at++]! : 0xc1;
    const names = head === 0xd4 && this.isRecord ? this.defineRecord().names : undefined;
    let left = head >= 0x80 && head < 0x90 ? head & 0x0f : (names?.length ?? 0);
    if (head === 0xde || head === 0xdf) left = this.unsigned(2 << (head - 0xde));
    let tokens = maxTokens;
    for (let field = 0; field < left && tokens > 0 && !this.isBroken; field++) {
      const name = names === undefined ? this.fieldName() : names[field];
      if (name === key) {
        const value = this.value(0);
        return typeof value === "string" && !this.isBroken ? value : undefined;
      }
      tokens = this.skip(1, tokens);
    }
    return undefined;
  }

  #array(length: number, depth: number): unknown {
    if (length > this.end - this.at) return this.broken();
    if (depth === 0 || !this.#fits(Math.max(1, 2 * length))) return this.#notDecoded(length);
    const items: unknown[] = [];
    for (let left = length; left > 0 && !this.isBroken; left--) items.push(this.value(depth - 1));
    return items;
  }

  #map(length: number, depth: number): unknown {
    if (length > (this.end - this.at) / 2) return this.broken();
    if (depth === 0 || !this.#fits(Math.max(1, 5 * length))) return this.#notDecoded(2 * length);
    this.keys += length;
    const object: Record<string, unknown> = {};
    let isNamed = true;
    for (let left = length; left > 0 && !this.isBroken; left--) {
      const name = this.fieldName();
      this.#fits(name?.length ?? 0);
      const value = this.value(depth - 1);
      if (name === undefined) isNamed = false;
      else put(object, name, value);
    }
    return isNamed ? object : NOT_JSON;
  }

  #record({ names, characters }: RecordFields, depth: number): unknown {
    const { length } = names;
    if (length > this.end - this.at) return this.broken();
    // The names are written once, however often they are meant: they count each time.
    if (depth === 0 || !this.#fits(Math.max(1, 5 * length + characters))) return this.#notDecoded(length);
    this.keys += length;
    const object: Record<string, unknown> = {};
    let isNamed = true;
    for (let field = 0; field < length && !this.isBroken; field++) {
      const name = names[field];
      const value = this.value(depth - 1);
      if (name === undefined) isNamed = false;
      else put(object, name, value);
    }
    return isNamed ? object : NOT_JSON;
  }

  #text(length: number): string | typeof NOT_JSON {
    if (this.#fits(length)) return this.text(length);
    if (!this.has(length)) return this.broken();
    this.advance(length);
    return NOT_JSON;
  }

  /** Whether the JSON text still fits, with so many bytes more. */
  #fits(textBytes: number): boolean {
    this.#textBytes += textBytes;
    if (this.#textBytes > this.#maxTextBytes) this.isTooLong = true;
    return !this.isTooLong;
  }

  #notDecoded(values: number): typeof NOT_JSON {
    this.skip(values);
    return NOT_JSON;
  }
}

/** An assignment that makes `__proto__` a property like any other. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}
