const CLOSE = 8;
const LONGEST_HEAD = 14;

/**
 * Follows the frames of a WebSocket server (RFC 6455, section 5.2) through the bytes that it sends, and keeps none of
 * them: between two frames, and there alone, somebody else may add one.
 */
export class ServerFrames {
  readonly #head = Buffer.alloc(LONGEST_HEAD);
  #headBytes = 0;
  #payloadLeft = 0;
  #isClosing = false;

  /** More bytes, cut anywhere. */
  take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= taken;
        at += taken;
        continue;
      }
      this.#head[this.#headBytes++] = bytes[at++]!;
      if (this.#headBytes < this.#headLength()) continue;
      this.#payloadLeft = this.#payloadLength();
      if ((this.#head[0]! & 0x0f) === CLOSE) this.#isClosing = true;
      this.#headBytes = 0;
    }
  }

  /** Whether a frame may be added here: the last one is whole, and none said that it is over. */
  get mayAdd(): boolean {
    return this.#headBytes === 0 && this.#payloadLeft === 0 && !this.#isClosing;
  }

  /** Two bytes, a longer length perhaps, a mask perhaps. */
  #headLength(): number {
    if (this.#headBytes < 2) return 2;
    const second = this.#head[1]!;
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  #payloadLength(): number {
    const length = this.#head[1]! & 0x7f;
    if (length === 126) return this.#head.readUInt16BE(2);
    return length === 127 ? Number(this.#head.readBigUInt64BE(2)) : length;
  }
}

/** The frame with which a server closes a WebSocket. @param reason of at most 123 bytes */
export function closeFrame(code: number, reason: string): Buffer {
  const said = Buffer.from(reason);
  const frame = Buffer.alloc(4);
  frame[0] = 0x80 | CLOSE;
  frame[1] = 2 + said.length;
  frame.writeUInt16BE(code, 2);
  return Buffer.concat([frame, said]);
}
