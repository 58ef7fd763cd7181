import { type Client, getMessageBytes, Protocol, ResponseStatus } from "@colyseus/core";
import { usableId } from "../core/command.ts";
import { isRefusal } from "../core/refusal.ts";
import type { FrameHead } from "./frame-head.ts";
import { textUnder } from "./unpack.ts";

/** The one type that is answered where it came as a plain message, too: by a message `reply`. */
const COMMAND = "command";
/** How far into a command that is not decoded its id is looked for. */
const MAX_TOKENS_TO_ID = 1_000;

/** Where the answer to a message goes, and in what form. Each method sends and returns the bytes of it, 0 for none. */
export class Reply {
  readonly #client: Client;
  readonly #head: FrameHead;
  /** undefined when it is not needed any more: an answer may take a while */
  #frame: Buffer | undefined;
  #id: string | undefined;

  constructor(client: Client, head: FrameHead, frame: Buffer) {
    this.#client = client;
    this.#head = head;
    this.#frame = frame;
  }

  get isRequest(): boolean {
    return this.#head.requestId !== undefined;
  }

  /** The message was decoded whole. */
  decoded(value: unknown): void {
    this.#frame = undefined;
    if (!this.isRequest && this.#head.type === COMMAND) this.#id = usableId(value);
  }

  /** @param answer a refusal, or what was asked for */
  answer(status: ResponseStatus, answer: object): number {
    if (this.isRequest) return this.#respond(status, answer);
    if (this.#head.type !== COMMAND) return 0;
    const id = this.#commandId();
    if (id === undefined) return 0;
    const told = isRefusal(answer) ? { id, ok: false, error: answer } : { id, ok: true, ...answer };
    return this.#send(getMessageBytes.raw(Protocol.ROOM_DATA, "reply", told));
  }

  /** What the framework answers where a request itself fails, in its own form. */
  fail(name: string, message: string): number {
    return this.isRequest ? this.#respond(ResponseStatus.ERROR, { name, message }) : 0;
  }

  #commandId(): string | undefined {
    if (this.#frame === undefined) return this.#id;
    return usableId({ id: textUnder("id", this.#frame, this.#head.payloadAt, MAX_TOKENS_TO_ID) });
  }

  #respond(status: ResponseStatus, payload: object): number {
    return this.#send(getMessageBytes[Protocol.ROOM_RESPONSE](this.#head.requestId!, status, payload));
  }

  #send(bytes: Buffer): number {
    this.#client.enqueueRaw(bytes);
    return bytes.length;
  }
}
