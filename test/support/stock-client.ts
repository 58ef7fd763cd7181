import { randomUUID } from "node:crypto";
import type { Room } from "@colyseus/sdk";
import { mapIn, problemsOfCopy, type ToldDigest, type ToldState } from "./copy-check.ts";
import { eventually, pause } from "./eventually.ts";
import { type Frame, RecordingClient } from "./frames.ts";
import { call } from "./http.ts";
import type { Accepted } from "./seat.ts";
import { type CallbackStyle, differences, MAPS, StateMirror } from "./state-mirror.ts";
import { firstSnapshot } from "./stream-snapshot.ts";
import type { TableState } from "./table.ts";

/** One thing that the SDK told, with the `seq` of its copy at that moment (-1 before the first state). */
export interface StockEvent {
  readonly kind: "state" | "drop" | "reconnect" | "leave" | "error";
  /** by a steady clock */
  readonly atMs: number;
  readonly seq: number;
  readonly code?: number;
  readonly reason?: string;
}

export interface StockOptions {
  readonly invite?: string;
  /** another way to the same server, such as a proxy's address */
  readonly through?: string;
  readonly callbacks?: CallbackStyle;
}

/**
 * The official SDK as anybody uses it: `joinOrCreate`, `room.reconnection` as it comes, and schema callbacks. Nothing of ours helps it
 * to come back; what it tells and holds is recorded and can be compared with what the server says over HTTP.
 */
export class StockClient {
  readonly userId: string;
  readonly room: Room<unknown, TableState>;
  readonly mirror: StateMirror;
  /** everything that the SDK told, oldest first */
  readonly events: StockEvent[] = [];
  /** messages of every type, oldest first */
  readonly messages: { readonly type: string; readonly payload: unknown }[] = [];
  readonly #sdk: RecordingClient;
  readonly #url: string;
  readonly #token: string;
  readonly #joinedAtMs = performance.now();

  private constructor(
    userId: string,
    token: string,
    url: string,
    sdk: RecordingClient,
    room: Room<unknown, TableState>,
    style: CallbackStyle,
  ) {
    this.userId = userId;
    this.room = room;
    this.#url = url;
    this.#token = token;
    this.#sdk = sdk;
    this.mirror = new StateMirror(room, style);
    room.onStateChange(() => this.#record("state"));
    room.onDrop((code, reason) => this.#record("drop", code, reason));
    room.onReconnect(() => this.#record("reconnect"));
    room.onLeave((code, reason) => this.#record("leave", code, reason));
    room.onError((code, reason) => this.#record("error", code, reason));
    room.onMessage("*", (type, payload) => this.messages.push({ type: String(type), payload }));
  }

  /**
   * Joins, and waits for the first state.
   * @param person anybody with a token, such as a `Person`
   * @param url where the server is asked over HTTP, past any `through`
   * @throws the SDK's MatchMakeError if refused
   */
  static async join(
    person: { readonly userId: string; readonly token: string },
    url: string,
    sessionId: string,
    options: StockOptions = {},
  ): Promise<StockClient> {
    const { invite, through = url, callbacks = "Callbacks" } = options;
    const sdk = new RecordingClient(through);
    sdk.auth.token = person.token;
    const asked = { sessionId, ...(invite === undefined ? {} : { invite }) };
    const room = await sdk.joinOrCreate<TableState>("session", asked);
    const client = new StockClient(person.userId, person.token, url, sdk, room, callbacks);
    await client.told("the first state", ({ kind }) => kind === "state", 0, 5_000);
    return client;
  }

  get state(): TableState {
    return this.room.state;
  }

  /** Raw frames since the join, those after its own returns included. */
  get frames(): readonly Frame[] {
    return this.#sdk.frames;
  }

  /** How the SDK gave the room up, null while it has not. */
  get ending(): StockEvent | null {
    return this.events.find(({ kind }) => kind === "leave") ?? null;
  }

  /** Times that the SDK said it is back. */
  get returns(): number {
    return this.events.filter(({ kind }) => kind === "reconnect").length;
  }

  /** The SDK comes back by itself only when it has been joined for its `minUptime`, 5 s: waits for that. */
  async upLongEnough(): Promise<void> {
    const { minUptime } = this.room.reconnection;
    const isEnough = () => performance.now() - this.#joinedAtMs > minUptime;
    await eventually(`${this.userId} is up long enough`, isEnough, minUptime + 1_000);
  }

  /**
   * Waits until the SDK is back and has the whole state again.
   * @param since `events.length` before the line was lost
   * @returns when the state was there, by the clock of `events`. @throws at once if the SDK gives the room up
   */
  async back(since: number, withinMs = 15_000): Promise<number> {
    await this.told("the return", ({ kind }) => kind === "reconnect", since, withinMs);
    const returned = this.events.findLastIndex(({ kind }) => kind === "reconnect");
    return (await this.told("the state after the return", ({ kind }) => kind === "state", returned, withinMs)).atMs;
  }

  /** Waits for the first such event from `since` on. @throws at once if the SDK gives the room up */
  async told(
    what: string,
    isMeant: (event: StockEvent) => boolean,
    since: number,
    withinMs: number,
  ): Promise<StockEvent> {
    const look = () => {
      const found = this.events.slice(since).find(isMeant);
      return found ?? this.events.slice(since).find(({ kind }) => kind === "leave");
    };
    const event = await eventually(`${this.userId} is told of ${what}`, look, withinMs);
    if (isMeant(event)) return event;
    throw new Error(`${this.userId} is out before ${what}: ${event.code} ${event.reason}`);
  }

  /** A command that the test needs to be accepted. */
  async command(action: string, payload: unknown, id: string = randomUUID()): Promise<Accepted> {
    return (await this.room.request("command", { id, action, payload })) as Accepted;
  }

  /**
   * Compares the SDK's copy with the server: entries and hidden with `GET …/state`, the digests with section 8, participants with a
   * stream's snapshot, whose connections it knows with its role, and all of it with what the callbacks told. A copy that lags is waited for.
   * @returns what differs, in words; none where all agrees
   */
  async problems(withinMs = 5_000): Promise<string[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const problems = await this.#problemsNow().catch((error: Error) => [`not compared: ${error.message}`]);
      if (problems.length === 0 || performance.now() > deadline) return problems;
      // Digests asked for more often are refused.
      await pause(150);
    }
  }

  /**
   * Compares this copy with that of another client of the same rights, all maps but what is each connection's own.
   * @returns what differs, in words
   */
  problemsBeside(other: StockClient): string[] {
    return MAPS.flatMap((map) =>
      differences(`${map} beside ${other.userId}`, mapIn(this.state, map), mapIn(other.state, map)),
    );
  }

  async leave(): Promise<void> {
    if (this.ending === null) await this.room.leave();
  }

  async #problemsNow(): Promise<string[]> {
    const { sessionId } = this.state;
    const told = await this.#asked<ToldState>(`/api/sessions/${sessionId}/state`);
    const digest = (await this.room.request("digest", {})) as ToldDigest;
    const { participants } = await firstSnapshot(this.#url, sessionId, this.#token);
    return [...problemsOfCopy(this.state, this.userId, { ...told, digest, participants }), ...this.mirror.problems()];
  }

  async #asked<T>(path: string): Promise<T> {
    const answer = await call<T>(this.#url, "GET", path, { token: this.#token });
    if (answer.status !== 200) throw new Error(`${this.userId}: GET ${path}: ${answer.status}`);
    return answer.body;
  }

  #record(kind: StockEvent["kind"], code?: number, reason?: string): void {
    this.events.push({
      kind,
      atMs: performance.now(),
      seq: this.state?.seq ?? -1,
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
