import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { OutcomeUnknown, StoreUnavailable } from "../../ports/failures.ts";
import type { Failure } from "./failure.ts";
import { errorOf, type FileAccess } from "./file-access.ts";
import { type FileId, whyNotThere } from "./file-look.ts";
import { unmarkInUse } from "./in-use-mark.ts";
import type { DataFileOptions } from "./open-file.ts";
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

/** What it says unasked: the files are gone or others, in a sentence. */
export interface Vanishing {
  readonly vanished: string;
}

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
  readonly #onVanished: (message: string) => void;
  readonly #waiters = new Map<number, Waiter>();
  #worker: Promise<Worker> | undefined;
  #asked = 0;
  #closed = false;
  /** the file that the first thread opened: the next ones take no other for it */
  #file: FileId | undefined;
  #vanished: string | undefined;

  private constructor(options: DataFileOptions, onVanished: (message: string) => void) {
    this.#options = options;
    this.#onVanished = onVanished;
  }

  /** @param onVanished as DataFile says. @throws CannotOpenData */
  static async open(options: DataFileOptions, onVanished: (message: string) => void = () => {}): Promise<WorkerAccess> {
    const access = new WorkerAccess(options, onVanished);
    access.#worker = access.#start();
    await access.#worker;
    return access;
  }

  async call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    if (this.#vanished !== undefined) throw new StoreUnavailable(this.#vanished);
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
    const options = this.#file === undefined ? this.#options : { ...this.#options, openedBefore: this.#file };
    const workerData = { ...options, compileCache: compileCacheFolder() };
    const worker = new Worker(new URL("./worker-start.js", import.meta.url), { workerData });
    worker.on("message", (told: Answer | Vanishing) => {
      if ("n" in told) this.#settle(worker, told);
      // Under `node --watch` Node itself sends what the thread has loaded.
      else if ("vanished" in told) this.#vanish(told.vanished);
    });
    let isOpen = false;
    let why: string | undefined;
    worker.on("error", (error) => {
      why = error.message;
    });
    // It comes after an error too, and last: until then the thread may still hold the file.
    worker.on("exit", (code) => {
      if (isOpen && !this.#closed) this.#unmark(this.#file);
      this.#lose(worker, why ?? `the store's thread ended with ${code}`);
    });
    // Without a limit: an upgrade of the schema may take its time.
    return this.#expect(worker, 0, undefined).then(
      (file) => {
        isOpen = true;
        this.#file = file as FileId | undefined;
        return worker;
      },
      async (error) => {
        await worker.terminate();
        throw error;
      },
    );
  }

  #vanish(message: string): void {
    this.#vanished = message;
    this.#onVanished(message);
  }

  /** A thread that ends closes the file, and with it goes the write-ahead log, unless another file is there now. */
  #unmark(file: FileId | undefined): void {
    if (file === undefined || whyNotThere(this.#options.path, file) !== undefined) return;
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

/** Of this process; undefined where it has none. Node names a folder below it after its own version. */
function compileCacheFolder(): string | undefined {
  const folder = getCompileCacheDir();
  return folder === undefined ? undefined : dirname(folder);
}
