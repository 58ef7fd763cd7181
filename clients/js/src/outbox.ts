import type { Clock } from "./clock.ts";
import type { Answer, Command } from "./command.ts";
import { CommandNotStored, CommandRefused, type Refusal, TableClosed } from "./errors.ts";
import type { Json } from "./json.ts";
import { RequestRefused } from "./room.ts";
import type { OutboxStorage, StoredCommand } from "./storage.ts";

export interface OutboxOptions {
  readonly clock: Clock;
  readonly storage: OutboxStorage;
  /** commands under way at once, 1 or more */
  readonly inFlight: number;
  readonly maxWaiting: number;
  onAnswered(command: Command, answer: Answer): void;
  onRefused(command: Command, refusal: Refusal): void;
  /** the storage failed to remove a command: it will be sent again after a reload, and answered as a duplicate */
  onStorageFailed(error: unknown): void;
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
  #line: Waiting[] = [];
  #lastOrder = 0;
  #open = false;
  #send: SendCommand | undefined;
  #cancelRest: () => void = () => {};
  #idle: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier life left in the storage: it goes before everything that was added meanwhile. */
  async open(scope: string): Promise<void> {
    const left = await this.#options.storage.load(scope);
    const added = this.#line;
    this.#line = [];
    for (const command of left) {
      this.#lastOrder = Math.max(this.#lastOrder, command.order);
      this.#line.push({ command, resolve: () => {}, reject: () => {}, phase: "ready" });
    }
    this.#open = true;
    for (const waiting of added) {
      const moved = { ...waiting, command: { ...waiting.command, order: ++this.#lastOrder } };
      this.#line.push(moved);
      void this.#store(moved);
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
      if (this.#open) void this.#store(waiting);
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
    const line = this.#line;
    this.#line = [];
    for (const waiting of line) waiting.reject(new TableClosed(code, reason, keep && waiting.phase !== "unstored"));
    this.#tellIdle();
    if (!keep) for (const waiting of line) await this.#removeStored(waiting.command);
    this.#options.storage.close?.();
  }

  async #store(waiting: Waiting): Promise<void> {
    try {
      await this.#options.storage.put(waiting.command);
    } catch (error) {
      if (this.#take(waiting)) {
        waiting.reject(new CommandNotStored(`the outbox could not be written: ${messageOf(error)}`, { cause: error }));
      }
      return;
    }
    waiting.phase = "ready";
    this.#pump();
  }

  #pump(): void {
    const send = this.#send;
    if (send === undefined || !this.#open) return;
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
    await this.#removeStored(waiting.command);
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

  async #removeStored(command: StoredCommand): Promise<void> {
    try {
      await this.#options.storage.remove(command);
    } catch (error) {
      this.#options.onStorageFailed(error);
    }
  }

  #tellIdle(): void {
    if (this.#line.length > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}

function answerIn(reply: unknown): Answer {
  const { seq, result, duplicate } = reply as { seq?: unknown; result?: Json; duplicate?: unknown };
  if (typeof seq !== "number") throw new Error("an answer without seq");
  return { seq, result, duplicate: duplicate === true };
}

/** A refusal as the server sent it; a reason of another shape is one that nothing is known of. */
function refusalIn(reason: unknown): Refusal {
  const { code, message, retryable } = (reason ?? {}) as Partial<Refusal>;
  if (typeof code !== "string") return { code: "internal", message: "an unreadable refusal", retryable: false };
  return { ...(reason as Refusal), message: String(message ?? code), retryable: retryable === true };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
