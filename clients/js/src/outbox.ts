import type { Clock } from "./clock.ts";
import type { Answer, Command } from "./command.ts";
import { CommandStore } from "./command-store.ts";
import { CommandNotStored, CommandRefused, type Refusal, TableClosed } from "./errors.ts";
import { answerIn, refusalIn } from "./replies.ts";
import { RequestRefused } from "./room.ts";
import type { OutboxStorage, StoredCommand, TellTrouble } from "./storage.ts";

export interface OutboxOptions {
  readonly clock: Clock;
  readonly storage: OutboxStorage;
  /** commands under way at once, 1 or more */
  readonly inFlight: number;
  readonly maxWaiting: number;
  onAnswered(command: Command, answer: Answer): void;
  onRefused(command: Command, refusal: Refusal): void;
  /** something failed that holds up nothing: the storage could not be read, written or cleaned */
  readonly onTrouble: TellTrouble;
}

/** Sends one command. Rejects with `RequestRefused` for the server's no, with anything else where no answer came. */
export type SendCommand = (command: Command) => Promise<unknown>;

interface Waiting {
  readonly command: StoredCommand;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  phase: "unstored" | "ready" | "sent" | "resting";
}

/** A rest after a retryable refusal that names none, and after a request that met no answer on an open socket. */
const RETRY_MS = 500;

/**
 * The commands of one person in one session that have no answer yet, oldest first. A command is stored, then sent, then
 * answered, then removed, and sent again with its id as often as that takes. None overtakes another: one that must rest
 * holds back all behind it.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #store: CommandStore;
  #line: Waiting[] = [];
  #lastOrder = 0;
  #phase: "new" | "loading" | "open" = "new";
  /** closed: whether commands stay stored */
  #ending: { readonly keep: boolean } | undefined;
  #send: SendCommand | undefined;
  #cancelRest: () => void = () => {};
  #idle: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#store = new CommandStore(options.storage, options.onTrouble);
  }

  /**
   * Takes up what an earlier life left in the storage: it goes before everything that was added meanwhile. A storage that cannot be
   * read is told, and then commands wait in memory.
   */
  async open(scope: string): Promise<void> {
    this.#phase = "loading";
    // Whoever listens for trouble can do so as soon as `connect` has answered.
    await undefined;
    const left = await this.#store.load(scope);
    this.#phase = "open";
    if (this.#ending !== undefined) {
      await this.#letGo(left);
      return;
    }
    const added = this.#line;
    this.#line = [];
    for (const command of left) {
      this.#lastOrder = Math.max(this.#lastOrder, command.order);
      this.#line.push({ command, resolve: () => {}, reject: () => {}, phase: "ready" });
    }
    for (const waiting of added) {
      const moved = { ...waiting, command: { ...waiting.command, order: ++this.#lastOrder } };
      this.#line.push(moved);
      void this.#put(moved);
    }
    this.#pump();
    this.#tellIdle();
  }

  /** Resolves with the server's answer; rejects with `CommandRefused`, `CommandNotStored` or `TableClosed`. */
  add(command: Command): Promise<Answer> {
    if (this.#line.length >= this.#options.maxWaiting) {
      return Promise.reject(new CommandNotStored(`${this.#line.length} commands are waiting already`));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        command: { ...command, order: ++this.#lastOrder },
        resolve,
        reject,
        phase: "unstored",
      };
      this.#line.push(waiting);
      if (this.#phase === "open") void this.#put(waiting);
    });
  }

  /** A room is there: everything unanswered is sent, in order. */
  attach(send: SendCommand): void {
    this.#send = send;
    this.#cancelRest();
    for (const waiting of this.#line) if (waiting.phase !== "unstored") waiting.phase = "ready";
    this.#pump();
  }

  /** The room is gone: what it had not answered waits for the next one. */
  detach(): void {
    this.#send = undefined;
    this.#cancelRest();
  }

  /** Oldest first. */
  unanswered(): readonly Command[] {
    return this.#line.map((waiting) => waiting.command);
  }

  get underWay(): boolean {
    return this.#send !== undefined && this.#line.some((waiting) => waiting.phase === "sent");
  }

  /** Resolves when no command waits any more, whatever became of them. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  /** No room will come any more. @param keep whether the commands stay in the storage for another life */
  async close(code: number, reason: string, keep: boolean): Promise<void> {
    this.detach();
    this.#ending = { keep };
    const line = this.#line;
    this.#line = [];
    const isKept = keep && this.#store.keeps;
    for (const waiting of line) {
      waiting.reject(new TableClosed(code, reason, isKept && waiting.phase !== "unstored"));
    }
    this.#tellIdle();
    // Else `open` does, when it knows what there is.
    if (this.#phase !== "loading") await this.#letGo(line.map(({ command }) => command));
  }

  async #letGo(left: readonly StoredCommand[]): Promise<void> {
    if (this.#ending?.keep === false && this.#phase === "open") {
      for (const command of left) await this.#store.remove(command);
      await this.#store.clear();
    }
    this.#store.close();
  }

  async #put(waiting: Waiting): Promise<void> {
    try {
      await this.#store.put(waiting.command);
    } catch (error) {
      if (this.#take(waiting)) {
        waiting.reject(new CommandNotStored(`the outbox could not be written: ${messageOf(error)}`, { cause: error }));
      }
      return;
    }
    if (this.#ending !== undefined) {
      // Its sender was told that it is not kept.
      await this.#store.remove(waiting.command);
      return;
    }
    waiting.phase = "ready";
    this.#pump();
  }

  #pump(): void {
    const send = this.#send;
    if (send === undefined || this.#phase !== "open") return;
    let underWay = 0;
    for (const waiting of [...this.#line]) {
      if (waiting.phase === "unstored" || waiting.phase === "resting" || underWay >= this.#options.inFlight) return;
      underWay++;
      if (waiting.phase === "sent") continue;
      waiting.phase = "sent";
      void this.#exchange(waiting, send);
    }
  }

  async #exchange(waiting: Waiting, send: SendCommand): Promise<void> {
    const { order: _, ...command } = waiting.command;
    try {
      const answer = answerIn(await send(command));
      if (this.#send !== send || !this.#take(waiting)) return;
      waiting.resolve(answer);
      this.#options.onAnswered(command, answer);
    } catch (error) {
      // An older room's failure says nothing: the command is sent again on the new one, or was.
      if (this.#send !== send) return;
      const refusal = error instanceof RequestRefused ? refusalIn(error.reason) : undefined;
      if (refusal === undefined || refusal.retryable) {
        this.#rest(waiting, refusal?.retryAfterMs ?? RETRY_MS);
        return;
      }
      if (!this.#take(waiting)) return;
      waiting.reject(new CommandRefused(command, refusal));
      this.#options.onRefused(command, refusal);
    }
    this.#pump();
    this.#tellIdle();
    await this.#store.remove(waiting.command);
  }

  #rest(waiting: Waiting, restMs: number): void {
    waiting.phase = "resting";
    this.#cancelRest();
    this.#cancelRest = this.#options.clock.after(restMs, () => {
      for (const other of this.#line) if (other.phase === "resting") other.phase = "ready";
      this.#pump();
    });
  }

  #take(waiting: Waiting): boolean {
    const at = this.#line.indexOf(waiting);
    if (at >= 0) this.#line.splice(at, 1);
    return at >= 0;
  }

  #tellIdle(): void {
    // What an earlier life left waits as well.
    const isReading = this.#phase === "loading" && this.#ending === undefined;
    if (isReading || this.#line.length > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
