import { randomUUID } from "node:crypto";
import type { Room } from "@colyseus/sdk";
import { digestOf } from "./digest.ts";
import { eventually } from "./eventually.ts";
import type { Frame, RecordingClient } from "./frames.ts";
import { copyOf, type EntryView, type TableState } from "./table.ts";

/** What a command that was accepted is answered. */
export interface Accepted {
  readonly seq: number;
  readonly result?: unknown;
  readonly duplicate?: boolean;
}

/** What a command that was refused is answered: contract, section 5. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly conflicts?: readonly { readonly path: string; readonly version: number; readonly value: string | null }[];
  readonly op?: number;
  readonly retryAfterMs?: number;
}

export type Outcome =
  | { readonly kind: "accepted"; readonly answer: Accepted }
  | { readonly kind: "refused"; readonly refusal: Refused }
  /** no answer came: the connection closed, or the time was over */
  | { readonly kind: "unanswered"; readonly error: Error };

export interface Command {
  readonly id: string;
  readonly action: string;
  readonly payload: unknown;
  readonly expect?: Readonly<Record<string, number>>;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** One joined room of one person, through the official SDK, with everything it received kept. */
export class Seat {
  readonly userId: string;
  readonly room: Room<unknown, TableState>;
  /** messages of every type, oldest first */
  readonly messages: { readonly type: string; readonly payload: unknown }[] = [];
  /** set when the SDK has given the room up */
  closing: Closing | null = null;
  readonly closed: Promise<Closing>;
  readonly #client: RecordingClient;
  readonly #firstFrame: number;

  constructor(userId: string, client: RecordingClient, room: Room<unknown, TableState>, firstFrame: number) {
    this.userId = userId;
    this.room = room;
    this.#client = client;
    this.#firstFrame = firstFrame;
    room.onMessage("*", (type, payload) => this.messages.push({ type: String(type), payload }));
    this.closed = new Promise((resolve) => {
      room.onLeave((code, reason) => {
        this.closing = { code, reason: reason ?? "" };
        resolve(this.closing);
      });
    });
  }

  get state(): TableState {
    return this.room.state;
  }

  /** Raw frames since this seat was joined. */
  get frames(): readonly Frame[] {
    return this.#client.frames.slice(this.#firstFrame);
  }

  /** Sends a command as a request and tells how it went; a refusal is a value here. */
  async attempt(command: Command, timeoutMs = 10_000): Promise<Outcome> {
    try {
      const answer = (await this.room.request("command", command, { timeout: timeoutMs })) as Accepted;
      return { kind: "accepted", answer };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name !== "rejected") return { kind: "unanswered", error };
      return { kind: "refused", refusal: (error as Error & { reason: Refused }).reason };
    }
  }

  /** A command that the test needs to be accepted. @throws what was answered otherwise */
  async command(
    action: string,
    payload: unknown,
    more: { id?: string; expect?: Command["expect"] } = {},
  ): Promise<Accepted> {
    const outcome = await this.attempt(this.#compose(action, payload, more));
    if (outcome.kind === "accepted") return outcome.answer;
    throw new Error(`${this.userId}: ${action} ${JSON.stringify(payload)}: ${told(outcome)}`);
  }

  /** A command that the test needs to be refused. @throws what was answered otherwise */
  async refused(
    action: string,
    payload: unknown,
    more: { id?: string; expect?: Command["expect"] } = {},
  ): Promise<Refused> {
    const outcome = await this.attempt(this.#compose(action, payload, more));
    if (outcome.kind === "refused") return outcome.refusal;
    throw new Error(`${this.userId}: ${action} ${JSON.stringify(payload)}: ${told(outcome)}`);
  }

  /** Waits until the state is as described. */
  async until(what: string, probe: (state: TableState) => boolean, withinMs = 2_000): Promise<void> {
    await eventually(`${this.userId} sees ${what}`, () => this.state !== undefined && probe(this.state), withinMs);
  }

  /** Waits until this seat has seen everything up to `seq`. */
  async caughtUp(seq: number, withinMs = 2_000): Promise<void> {
    await this.until(`seq ${seq}`, (state) => state.seq >= seq, withinMs);
  }

  /** The JSON value of an entry that this seat sees, wherever it is kept; undefined if it sees none. */
  value(path: string): unknown {
    const entry = this.entry(path);
    return entry === undefined ? undefined : JSON.parse(entry.value);
  }

  entry(path: string): EntryView | undefined {
    return this.state.entries?.get(path) ?? this.state.hidden?.get(path);
  }

  /** The digest of `entries` as this client has them. */
  digest(): string {
    return digestOf([...copyOf(this.state.entries)].map(([path, { version, value }]) => ({ path, version, value })));
  }

  /** The digest of `hidden` as this client has them. */
  hiddenDigest(): string {
    return digestOf([...copyOf(this.state.hidden)].map(([path, { version, value }]) => ({ path, version, value })));
  }

  /** The first message of a type, waiting for it. */
  async message(type: string, withinMs = 2_000): Promise<unknown> {
    const found = await eventually(
      `${this.userId} gets a message ${type}`,
      () => this.messages.find((message) => message.type === type),
      withinMs,
    );
    return found.payload;
  }

  /** Waits for the room's end. @throws if it does not come */
  async ended(withinMs = 3_000): Promise<Closing> {
    return await eventually(`${this.userId} is closed`, () => this.closing ?? undefined, withinMs);
  }

  async leave(): Promise<void> {
    if (this.closing === null) await this.room.leave();
  }

  #compose(
    action: string,
    payload: unknown,
    { id = randomUUID(), expect }: { id?: string; expect?: Command["expect"] },
  ): Command {
    return { id, action, payload, ...(expect === undefined ? {} : { expect }) };
  }
}

function told(outcome: Outcome): string {
  if (outcome.kind === "accepted") return `accepted, ${JSON.stringify(outcome.answer)}`;
  if (outcome.kind === "refused") return `refused, ${JSON.stringify(outcome.refusal)}`;
  return `unanswered, ${outcome.error.message}`;
}
