import { type Client, ClientState } from "@colyseus/core";
import { type Decoder, Reflection } from "@colyseus/schema";
import { copyOf, type TableState } from "./table.ts";

/** What of a serializer an onlooker needs. */
interface Sender {
  handshake(): Uint8Array;
  getFullState(client: Client): Uint8Array;
}

/**
 * A client of a room without a socket: it keeps the very bytes that it is handed, uncopied, as a socket under back-pressure
 * does, and decodes them with the framework's own decoder when it is told to read.
 */
export class Onlooker {
  /** what a serializer and a projector use of a client */
  client: Client;
  /** every frame that was read, in order, as it was when it was read */
  readonly frames: Buffer[] = [];
  #queue: Uint8Array[] = [];
  #serializer: Sender;
  /** of a client that came back: the first frame that it reads is a whole state, for a copy that it has already */
  #isBack = false;
  #decoder: Decoder | undefined;

  constructor(serializer: Sender) {
    this.#serializer = serializer;
    this.client = this.#connect();
  }

  /** Comes back, with the copy that it has, as the SDK does. @returns its new client at the server */
  reconnect(serializer: Sender): Client {
    this.#serializer = serializer;
    this.#isBack = true;
    this.#queue = [];
    this.client = this.#connect();
    return this.client;
  }

  #connect(): Client {
    const queue = this.#queue;
    const fake = { state: ClientState.JOINING, view: undefined, raw: (bytes: Uint8Array) => queue.push(bytes) };
    return fake as unknown as Client;
  }

  get joined(): boolean {
    return this.client.state === ClientState.JOINED;
  }

  /** Acknowledges the join, as a client does: from here on it gets patches, and the whole state first. */
  acknowledge(): void {
    this.client.state = ClientState.JOINED;
    if (!this.#isBack) this.#decoder = Reflection.decode(Buffer.from(this.#serializer.handshake()));
    this.client.raw(this.#serializer.getFullState(this.client));
  }

  /** Decodes what waits. @returns those frames. @throws on anything that the decoder warns of */
  read(): Buffer[] {
    const decoder = this.#decoder;
    if (decoder === undefined) throw new Error("not joined");
    const fresh = this.#queue.splice(0).map((bytes) => Buffer.from(bytes));
    const warnings = warningsOf(() => {
      for (const frame of fresh) {
        if (this.#isBack) decoder.decodeResync(frame, { offset: 1 });
        else decoder.decode(frame, { offset: 1 });
        this.#isBack = false;
      }
    });
    if (warnings.length > 0) throw new Error(`the decoder warns: ${warnings[0]}`);
    this.frames.push(...fresh);
    return fresh;
  }

  get state(): TableState {
    return this.#decoder?.state as unknown as TableState;
  }

  /** The four maps as plain copies; one of which nothing was ever sent is empty. */
  get shown() {
    const { participants, entries, hidden, connections, knocks } = this.state;
    return {
      participants: copyOf(participants),
      entries: copyOf(entries),
      hidden: copyOf(hidden),
      connections: copyOf(connections),
      knocks: copyOf(knocks),
    };
  }
}

/** What is written to the console as a warning or an error meanwhile; it is kept from the console. */
export function warningsOf(run: () => void): string[] {
  const warnings: string[] = [];
  const { warn, error } = console;
  const keep = (...line: unknown[]): void => {
    warnings.push(line.map(String).join(" "));
  };
  console.warn = keep;
  console.error = keep;
  try {
    run();
  } finally {
    console.warn = warn;
    console.error = error;
  }
  return warnings;
}
