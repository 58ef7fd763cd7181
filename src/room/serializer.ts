import { type Client, SchemaSerializer } from "@colyseus/core";
import type { StateView } from "@colyseus/schema";
import { $refId, encode, OPERATION } from "@colyseus/schema";

/** The parts of schema 5's encoder that are private there and mended here; verify again with every version. */
interface EncoderInternals {
  encode(it: Offset, view?: unknown, ...rest: unknown[]): Uint8Array;
  encodeView(view: StateView, sharedOffset: number, it: Offset): Uint8Array;
  ensureCapacity(buffer: Uint8Array, offset: number): Uint8Array;
  _resizeBuffer(buffer: Uint8Array, usedBytes: number): Uint8Array;
  sharedBuffer: Uint8Array;
  readonly root: { nextUniqueId: number };
}

interface Offset {
  offset: number;
}

/** A class' fields by index, as the framework keeps them: `tag` where what is seen of one depends on the viewer. */
interface Fields {
  readonly [index: string]: { readonly name: string; readonly tag?: number };
}

/** The byte by which the wire turns to another object, and the number of the state itself. */
const SWITCH_TO_OBJECT = 255;
const ROOT_ID = 0;

/**
 * The framework's serializer without its three data corruptions (docs/decisions/0002-serializer.md):
 *
 * 1. It hands the encoder's one shared buffer to every socket. Under back-pressure the frame waits in the socket while
 *    the next patch overwrites it. Here each patch is copied once, for all its viewers.
 * 2. A full state larger than the buffer is encoded into a grown copy that is thrown away, and a viewer's own part is
 *    then appended to the stale one. Here the grown buffer is kept.
 * 3. What a view is granted is written without a look at the buffer's end: a person promoted in a session with much that
 *    is hidden gets a torn patch. Here what did not fit is written again, into a larger buffer.
 */
// biome-ignore lint/suspicious/noExplicitAny: the framework's own type parameter is unconstrained
export class SafeSerializer extends SchemaSerializer<any> {
  readonly #firstObjectId: number;
  /** names the maps of which a client without a view sees nothing, so that an SDK that returns empties its copy of them */
  #emptyMaps: Uint8Array = new Uint8Array();
  #lastCache: Uint8Array | undefined;
  #lastCopy: Uint8Array | undefined;
  /** whether something was written past the end of the buffer, and so is lost */
  #overflowed = false;

  /** @param firstObjectId the first number for what is put into the state's maps from now on */
  constructor(firstObjectId: number) {
    super();
    this.#firstObjectId = firstObjectId;
  }

  /** @param state with nothing in its maps */
  override reset(state: object): void {
    super.reset(state as never);
    const encoder = this.encoder as unknown as EncoderInternals;
    // The state and its maps have the same numbers in every life; what stands in them never has one of a former life.
    encoder.root.nextUniqueId += this.#firstObjectId;
    this.#emptyMaps = namesOfHiddenMaps(state);
    const encode = encoder.encode.bind(encoder);
    encoder.encode = (it, view, ...rest) => {
      if (view !== undefined) this.#noteOverflow(encoder.sharedBuffer, it.offset);
      const bytes = encode(it, view, ...rest);
      return view === undefined ? Buffer.from(bytes) : bytes;
    };
    const ensureCapacity = encoder.ensureCapacity.bind(encoder);
    encoder.ensureCapacity = (buffer, offset) => {
      this.#noteOverflow(buffer, offset);
      return ensureCapacity(buffer, offset);
    };
    const encodeView = encoder.encodeView.bind(encoder);
    encoder.encodeView = (view, sharedOffset, it) => {
      const start = it.offset;
      for (;;) {
        this.#overflowed = false;
        const granted = new Map(view.changes);
        const bytes = encodeView(view, sharedOffset, it);
        if (!this.#overflowed) return bytes;
        const grown = new Uint8Array(powerOfTwoAbove(2 * it.offset));
        grown.set(encoder.sharedBuffer.subarray(0, start));
        encoder.sharedBuffer = grown;
        for (const [refId, changes] of granted) view.changes.set(refId, changes);
        it.offset = start;
      }
    };
    encoder._resizeBuffer = (buffer, usedBytes) => {
      const grown = new Uint8Array(powerOfTwoAbove(usedBytes));
      grown.set(buffer);
      if (buffer === encoder.sharedBuffer) encoder.sharedBuffer = grown;
      if (buffer === this.fullEncodeBuffer) this.fullEncodeBuffer = grown;
      return grown;
    };
  }

  override getFullState(client?: Client): Uint8Array {
    const bytes = super.getFullState(client) as Uint8Array;
    // What the view was granted so far is in the full state: the framework would send it again with the next patch.
    client?.view?.changes.clear();
    // With a view the bytes are the client's own already; without one they are the cache that all such clients share.
    if (bytes !== this.fullEncodeCache) return bytes;
    if (bytes !== this.#lastCache) {
      this.#lastCache = bytes;
      this.#lastCopy = Buffer.concat([bytes, this.#emptyMaps]);
    }
    return this.#lastCopy as Uint8Array;
  }
  #noteOverflow(buffer: Uint8Array, offset: number): void {
    if (offset > buffer.byteLength) this.#overflowed = true;
  }
}

/**
 * A switch to the root, and for each of its maps that differ by viewer the operation that adds the map, by its number:
 * that is how a full state names a map, with or without anything in it.
 */
function namesOfHiddenMaps(state: object): Uint8Array {
  const bytes: number[] = [];
  const it = { offset: 0 };
  const root = state as { readonly [field: string]: { readonly [$refId]: number } };
  const fields = (state.constructor as { [Symbol.metadata]?: Fields })[Symbol.metadata] ?? {};
  bytes[it.offset++] = SWITCH_TO_OBJECT;
  encode.number(bytes as never, ROOT_ID, it);
  for (const [index, { name, tag }] of Object.entries(fields)) {
    if (tag === undefined) continue;
    bytes[it.offset++] = Number(index) | OPERATION.ADD;
    encode.number(bytes as never, root[name]![$refId], it);
  }
  return Uint8Array.from(bytes);
}

function powerOfTwoAbove(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes + 1));
}
