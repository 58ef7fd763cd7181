import type { LogSink } from "./log-sinks.ts";

/** What waits for a reader that is asleep, in characters; what comes on top of it is lost. */
const MOST_WAITING = 1024 * 1024;
/** Written at once, in characters. */
const BATCH = 64 * 1024;
/** Until the next try: where a reader is slow, and where writing failed. */
const SLOW_MS = 20;
const FAILED_MS = 1_000;

/**
 * Where the log's lines go. One that cannot be written waits its turn, and is lost where too many wait: that is all that a
 * full disk, a terminal that is gone or a reader that sleeps can cost. How many were lost is told once lines go out again.
 */
export class LogOutput {
  readonly #sink: LogSink;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  /** what is left of the batch that is being written */
  #batch: Buffer | undefined;
  /** lines since the last that were written */
  #lost = 0;
  #whenIdle: (() => void)[] = [];

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** Whether `process.exit` would wait for a write that is under way. */
  get holdsExit(): boolean {
    return this.#sink.holdsExit;
  }

  /** Takes a line, with its line feed. Never throws, and never waits. */
  write(line: string): void {
    if (this.#waitingCharacters + line.length > MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    if (this.#batch === undefined) this.#next();
  }

  /** Resolves when everything is written, after `ms` at the latest. */
  flush(ms: number): Promise<void> {
    if (this.#batch === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#whenIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #next(): void {
    const text = this.#take();
    if (text === "") {
      for (const tell of this.#whenIdle.splice(0)) tell();
      return;
    }
    this.#batch = Buffer.from(text);
    this.#write();
  }

  #take(): string {
    let count = 0;
    let characters = 0;
    while (count < this.#waiting.length && characters < BATCH) characters += this.#waiting[count++]!.length;
    const lines = this.#waiting.splice(0, count);
    this.#waitingCharacters -= characters;
    if (this.#lost > 0 && this.#waiting.length === 0) {
      lines.push(
        `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost: this.#lost, msg: "log lines lost" })}\n`,
      );
      this.#lost = 0;
    }
    return lines.join("");
  }

  #write(): void {
    const batch = this.#batch!;
    this.#sink.write(batch, (taken, error) => {
      if (error !== undefined || taken === 0) {
        setTimeout(() => this.#write(), error === undefined ? SLOW_MS : FAILED_MS).unref();
        return;
      }
      if (taken < batch.length) {
        this.#batch = batch.subarray(taken);
        this.#write();
        return;
      }
      this.#batch = undefined;
      this.#next();
    });
  }
}
