import { Worker } from "node:worker_threads";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import type { DataFileOptions } from "./data-file.ts";
import type { Failure } from "./failure.ts";
import { errorOf, type FileAccess } from "./file-access.ts";
import { unmarkInUse } from "./in-use-mark.ts";
import type { Operations } from "./operations.ts";

/** What the worker is asked, and what it answers; `n` pairs the two. */
export interface Question {
  readonly n: number;
  readonly name: keyof Operations;
  readonly args: readonly unknown[];
}
export type Answer =
  | { readonly n: number; readonly result: unknown }
  | { readonly n: number; readonly failure: Failure };

/** A disk that hangs is not waited for longer: the outcome is unknown then, and the identical call settles it. */
const ANSWER_WITHIN_MS = 10_000;
/** These go over the whole file, however long that takes. */
const UNHURRIED: ReadonlySet<keyof Operations> = new Set(["faults", "countStrayParts", "dropStrayParts", "backUp"]);

interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * Runs the operations in a thread of their own, so that no `fsync` holds up the event loop. A thread that dies leaves
 * what it was asked unanswered; the next call starts another. Keeps the process alive only while a call is open.
 */
export class WorkerAccess implements FileAccess {
  readonly #options: DataFileOptions;
  readonly #waiters = new Map<number, Waiter>();
  #worker: Promise<Worker> | undefined;
  #asked = 0;
  #closed = false;

  private constructor(options: DataFileOptions) {
    this.#options = options;
  }

  /** @throws CannotOpenData */
  static async open(options: DataFileOptions): Promise<WorkerAccess> {
    const access = new WorkerAccess(options);
    access.#worker = access.#start();
    await access.#worker;
    return access;
  }

  async call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    return (await this.#ask(await this.#running(), name, args)) as Awaited<ReturnType<Operations[Name]>>;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // A thread that could not be started has nothing open.
    const worker = await this.#worker?.catch(() => undefined);
    if (worker === undefined) return;
    try {
      await this.#ask(worker, "close", []);
    } finally {
      await worker.terminate();
    }
  }

  /** Ends the thread without a word, as running out of memory would: for tests. */
  async killThread(): Promise<void> {
    await (await this.#worker)?.terminate();
  }

  async #running(): Promise<Worker> {
    this.#worker ??= this.#start();
    try {
      return await this.#worker;
    } catch (error) {
      this.#worker = undefined;
      throw new StoreUnavailable(error instanceof Error ? error.message : String(error));
    }
  }

  #start(): Promise<Worker> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: this.#options });
    worker.on("message", (answer: Answer) => this.#settle(worker, answer));
    let isOpen = false;
    let why: string | undefined;
    worker.on("error", (error) => {
      why = error.message;
    });
    // It comes after an error too, and last: until then the thread may still hold the file.
    worker.on("exit", (code) => {
      if (isOpen && !this.#closed) this.#unmark();
      this.#lose(worker, why ?? `the store's thread ended with ${code}`);
    });
    // Without a limit: an upgrade of the schema may take its time.
    return this.#expect(worker, 0, undefined).then(
      () => {
        isOpen = true;
        return worker;
      },
      async (error) => {
        await worker.terminate();
        throw error;
      },
    );
  }

  /** A thread that ends closes the file, and with it goes the write-ahead log. */
  #unmark(): void {
    if (this.#options.forReading) return;
    try {
      unmarkInUse(this.#options.path);
    } catch {
      // A folder that takes no changes keeps the log as well.
    }
  }

  #ask(worker: Worker, name: keyof Operations, args: readonly unknown[]): Promise<unknown> {
    const n = ++this.#asked;
    const answer = this.#expect(worker, n, UNHURRIED.has(name) ? undefined : ANSWER_WITHIN_MS);
    worker.postMessage({ n, name, args } satisfies Question);
    return answer;
  }

  #expect(worker: Worker, n: number, withinMs: number | undefined): Promise<unknown> {
    if (this.#waiters.size === 0) worker.ref();
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#forget(worker, n);
        reject(new OutcomeUnknown(`the store has not answered for ${ANSWER_WITHIN_MS / 1000} s`));
      };
      const timer = withinMs === undefined ? undefined : setTimeout(giveUp, withinMs);
      this.#waiters.set(n, { resolve, reject, timer });
    });
  }

  #settle(worker: Worker, answer: Answer): void {
    const waiter = this.#forget(worker, answer.n);
    // An answer that comes after its time: whoever asked was told already.
    if (waiter === undefined) return;
    if ("failure" in answer) waiter.reject(errorOf(answer.failure));
    else waiter.resolve(answer.result);
  }

  #lose(worker: Worker, message: string): void {
    const lost = [...this.#waiters.keys()].map((n) => this.#forget(worker, n));
    this.#worker = undefined;
    for (const waiter of lost) waiter?.reject(new OutcomeUnknown(message));
  }

  #forget(worker: Worker, n: number): Waiter | undefined {
    const waiter = this.#waiters.get(n);
    this.#waiters.delete(n);
    clearTimeout(waiter?.timer);
    if (this.#waiters.size === 0) worker.unref();
    return waiter;
  }
}
