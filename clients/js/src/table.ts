import { Attendance, type AttendanceOptions } from "./attendance.ts";
import { BuiltInActions } from "./built-in-actions.ts";
import { commandsOutlive } from "./closeCodes.ts";
import { type Answer, type Command, type Expect, whyUnsendable } from "./command.ts";
import type { Divergence } from "./divergence.ts";
import { Emitter } from "./emitter.ts";
import { CommandRefused, JoinRefused, TableClosed } from "./errors.ts";
import type { Json } from "./json.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import type { Join, JoinOptions, LiveState, RoomConnection } from "./room.ts";
import { SessionCopy } from "./session-copy.ts";
import type { Entry, SessionState } from "./state.ts";
import type { OutboxStorage } from "./storage.ts";
import type { TableEvents } from "./tableEvents.ts";
import { subjectOf } from "./tokens.ts";
import type { View } from "./view.ts";

/** What `Table` runs on. `connect` fills in what a caller leaves out. */
export interface TableOptions extends AttendanceOptions {
  readonly join: Join;
  readonly probe: () => Promise<boolean>;
  readonly storage: OutboxStorage;
  readonly joinOptions: JoinOptions;
  readonly userId: string | undefined;
  readonly optimistic: boolean;
  readonly inFlight: number;
  readonly maxWaiting: number;
  readonly joinTimeoutMs: number;
  readonly newId: () => string;
}

/** Answers follow their patch at once; after a join, they take a round trip for each. */
const HOLD_MS = 25;
const HOLD_AFTER_JOIN_MS = 1000;
/** A copy that differs again and again is not fetched anew each time. */
const RESYNC_EVERY_MS = 30_000;

/** A person's seat at one session: the state as they may see it, and their commands. Made by `connect`. */
export class Table extends BuiltInActions {
  /** Resolves at the first full state; rejects with `JoinRefused` or `TableClosed` when the end comes before. */
  readonly ready: Promise<void>;
  readonly #options: TableOptions;
  readonly #events = new Emitter<TableEvents>();
  readonly #copy: SessionCopy;
  readonly #outbox: Outbox;
  readonly #link: Link;
  #attendance: Attendance | undefined;
  #connection: "joining" | "open" | "lost" | "closed" = "joining";
  #userId: string | undefined;
  #lostAt: number | undefined;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #markReady: () => void = () => {};
  #failReady: (error: Error) => void = () => {};

  constructor(options: TableOptions) {
    super();
    this.#options = options;
    const { clock } = options;
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#failReady = reject;
    });
    // Who does not wait for it still hears `closed`.
    this.ready.catch(() => {});
    this.#copy = new SessionCopy({
      clock,
      events: this.#events,
      userId: () => this.#userId ?? "",
      unanswered: () => this.#outbox.unanswered(),
      optimistic: options.optimistic,
      onDiverged: (divergence) => this.#diverged(divergence),
    });
    this.#outbox = new Outbox({
      clock,
      storage: options.storage,
      inFlight: options.inFlight,
      maxWaiting: options.maxWaiting,
      onAnswered: (command, answer) => {
        this.#copy.view.commandGone();
        this.#events.emit("committed", { command, answer });
      },
      onRefused: (command, refusal) => {
        this.#copy.view.commandGone();
        this.#events.emit("refused", { command, refusal });
      },
      onTrouble: (what, error) => this.#events.emit("trouble", { what, error }),
    });
    this.#link = new Link({
      clock,
      join: options.join,
      joinOptions: options.joinOptions,
      token: options.token,
      probe: options.probe,
      joinTimeoutMs: options.joinTimeoutMs,
      onToken: (token) => this.#isTheirs(subjectOf(token)),
      onJoined: (room) => this.#joined(room),
      onLost: (code, reason) => this.#lost(code, reason),
      onWaiting: (until) => this.#events.emit("waiting", { until }),
      onEnded: (code, reason) => this.#ended(code, reason),
    });
    const userId = options.userId ?? (typeof options.token === "string" ? subjectOf(options.token) : undefined);
    if (userId !== undefined) this.#openOutbox(userId);
    this.#link.start();
  }

  /** The confirmed state, alive: the last one known while the connection is lost. */
  get state(): SessionState {
    return this.#copy.state;
  }

  get connection(): "joining" | "open" | "lost" | "closed" {
    return this.#connection;
  }

  /** Own commands without an answer, oldest first. */
  get unanswered(): readonly Command[] {
    return this.#outbox.unanswered();
  }

  /** Calls `run` at each event from now on. The answer takes it off again. */
  on<Name extends keyof TableEvents>(name: Name, run: (event: TableEvents[Name]) => void): () => void {
    return this.#events.on(name, run);
  }

  /** The confirmed JSON value at a path, a subtree as an object, `undefined` where there is nothing. */
  get(path: string): Json | undefined {
    return this.#copy.get(path);
  }

  /** The confirmed entry at a path: its `version` is what `expect` wants. */
  entry(path: string): Entry | undefined {
    return this.#copy.entry(path);
  }

  /** What to draw: the state with own unanswered commands applied, where `optimistic` is on; else the confirmed state. */
  view(): View {
    return this.#copy.view;
  }

  /**
   * Sends a command, now or as soon as it can, and again until it is answered. Resolves when it is committed; by then
   * `state.seq >= seq`. Rejects with `CommandRefused`, `CommandNotStored` or `TableClosed`. A rejection that nobody
   * waits for is no unhandled one: the event `refused` tells it, too.
   */
  command(action: string, payload: Json, options: { readonly expect?: Expect } = {}): Promise<Answer> {
    const answer = this.#queue(action, payload, options.expect);
    answer.catch(() => {});
    return answer;
  }

  /**
   * Any other request of the contract. Not queued, not repeated: rejects where there is no connection or no answer, and with
   * `RequestRefused` for a no. Here, too, a rejection that nobody waits for is no unhandled one.
   */
  request(type: string, payload: Json): Promise<unknown> {
    const answer = this.#requested(type, payload);
    answer.catch(() => {});
    return answer;
  }

  /** Resolves when every command so far has an outcome. */
  settled(): Promise<void> {
    return this.#outbox.idle();
  }

  /** The network may be back, or the machine woke up: looks at once instead of at the next turn. */
  wake(): void {
    this.#link.retryNow();
    this.#attendance?.check();
  }

  /** Leaves the table: the place is given up. Commands without an answer stay stored. */
  leave(): void {
    this.#link.end(true);
  }

  /** Closes this connection only: the place is kept for the session's `reconnectWindow`. */
  close(): void {
    this.#link.end(false);
  }

  async #requested(type: string, payload: Json): Promise<unknown> {
    if (this.#attendance === undefined || this.#connection !== "open") {
      throw new Error(`no connection (${this.#connection})`);
    }
    return this.#attendance.request(type, payload);
  }

  async #queue(action: string, payload: Json, expect: Expect | undefined): Promise<Answer> {
    if (this.#connection === "closed") throw new TableClosed(0, "closed before the command", false);
    const id = this.#options.newId();
    const wrong = whyUnsendable(action, payload, expect);
    if (wrong !== undefined) {
      const command = { id, action: String(action), payload: null };
      this.#events.emit("refused", { command, refusal: wrong });
      throw new CommandRefused(command, wrong);
    }
    // A copy: what the caller does to its object later must not change what is sent.
    const command = JSON.parse(JSON.stringify({ id, action, payload, expect })) as Command;
    const answer = this.#outbox.add(command);
    this.#copy.view.commandAdded();
    return answer;
  }

  /** Whether a token, as far as it can be read, is of the person whose outbox this is; the first one says whose. */
  #isTheirs(userId: string | undefined): boolean {
    if (userId === undefined) return true;
    if (this.#userId === undefined) this.#openOutbox(userId);
    return userId === this.#userId;
  }

  #openOutbox(userId: string): void {
    this.#userId = userId;
    this.#outbox.open(`${this.#options.joinOptions.sessionId}/${userId}`).catch((error: unknown) => {
      this.#events.emit("trouble", { what: "the outbox could not be closed", error });
    });
  }

  #joined(room: RoomConnection): void {
    const attendance = new Attendance(room, this.#options, {
      events: this.#events,
      onFirstState: (live) => this.#opened(attendance, live),
      onPatch: (live) => this.#copy.absorb(live, this.#outbox.underWay ? HOLD_MS : 0),
      onSilence: () => this.#link.rejoin("no sign of life"),
    });
    this.#attendance = attendance;
  }

  #opened(attendance: Attendance, live: LiveState): void {
    const again = this.#lostAt;
    this.#lostAt = undefined;
    this.#connection = "open";
    this.#copy.begin();
    this.#copy.absorb(live, this.#outbox.unanswered().length > 0 ? HOLD_AFTER_JOIN_MS : 0);
    this.#outbox.attach((command) => attendance.request("command", command));
    this.#markReady();
    if (again !== undefined) this.#events.emit("back", { awayMs: this.#options.clock.now() - again });
  }

  #diverged(divergence: Divergence): void {
    this.#events.emit("diverged", divergence);
    const now = this.#options.clock.now();
    if (now - this.#resyncedAt < RESYNC_EVERY_MS) return;
    this.#resyncedAt = now;
    this.#link.rejoin("the copy differs from the server's");
  }

  #forgetRoom(): void {
    this.#attendance?.stop();
    this.#attendance = undefined;
    this.#outbox.detach();
  }

  #lost(code: number, reason: string): void {
    this.#forgetRoom();
    // Before the first state there was nothing to lose.
    if (this.#connection !== "open") return;
    this.#connection = "lost";
    this.#lostAt = this.#options.clock.now();
    this.#events.emit("lost", { code, reason });
  }

  #ended(code: number, reason: string): void {
    this.#forgetRoom();
    this.#connection = "closed";
    this.#copy.stop();
    this.#failReady(code < 1000 ? new JoinRefused(code, reason) : new TableClosed(code, reason, true));
    this.#outbox.close(code, reason, commandsOutlive(code, reason)).catch((error: unknown) => {
      this.#events.emit("trouble", { what: "the outbox could not be closed", error });
    });
    this.#events.emit("closed", { code, reason });
  }
}
