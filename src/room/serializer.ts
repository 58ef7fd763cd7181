import { type Client, SchemaSerializer } from "@colyseus/core";

/** The parts of schema 5's encoder that are private there and mended here; verify again with every version. */
interface EncoderInternals {
  encode(it: { offset: number }, view?: unknown, ...rest: unknown[]): Uint8Array;
  _resizeBuffer(buffer: Uint8Array, usedBytes: number): Uint8Array;
  sharedBuffer: Uint8Array;
}

/**
 * The framework's serializer without its two data corruptions (docs/decisions/0002-serializer.md):
 *
 * 1. It hands the encoder's one shared buffer to every socket. Under back-pressure the frame waits in the socket while
 *    the next patch overwrites it. Here each patch is copied once, for all its viewers.
 * 2. A full state larger than the buffer is encoded into a grown copy that is thrown away, and a viewer's own part is
 *    then appended to the stale one. Here the grown buffer is kept.
 */
// biome-ignore lint/suspicious/noExplicitAny: the framework's own type parameter is unconstrained
export class SafeSerializer extends SchemaSerializer<any> {
  #lastCache: Uint8Array | undefined;
  #lastCopy: Uint8Array | undefined;

  override reset(state: object): void {
    super.reset(state as never);
    const encoder = this.encoder as unknown as EncoderInternals;
    const encode = encoder.encode.bind(encoder);
    encoder.encode = (it, view, ...rest) => {
      const bytes = encode(it, view, ...rest);
      return view === undefined ? Buffer.from(bytes) : bytes;
    };
    encoder._resizeBuffer = (buffer, usedBytes) => {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(usedBytes + 1)));
      grown.set(buffer);
      if (buffer === encoder.sharedBuffer) encoder.sharedBuffer = grown;
      if (buffer === this.fullEncodeBuffer) this.fullEncodeBuffer = grown;
      return grown;
    };
  }

  override getFullState(client?: Client): Uint8Array {
    const bytes = super.getFullState(client) as Uint8Array;
    // With a view the bytes are the client's own already; without one they are the cache that all such clients share.
    if (bytes !== this.fullEncodeCache) return bytes;
    if (bytes !== this.#lastCache) {
      this.#lastCache = bytes;
      this.#lastCopy = Buffer.from(bytes);
    }
    return this.#lastCopy as Uint8Array;
  }
}
