import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Jobs, Question, Reply, Second } from "./jobs.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

interface Waiting {
  readonly worker: ChildProcess;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The worker processes of a run, asked together. They end with `dismiss`, and with this process however it ends. */
export class Crew {
  readonly #workers: ChildProcess[];
  readonly #waiting = new Map<number, Waiting>();
  readonly #onSecond: (second: Second) => void;
  #questions = 0;

  constructor(size: number, onSecond: (second: Second) => void) {
    this.#onSecond = onSecond;
    this.#workers = Array.from({ length: size }, () => this.#hire());
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Asks every worker the same job, each with its own `asks[i]`; the answers in that order. Rejects on the first error. */
  all<Name extends keyof Jobs>(job: Name, asks: readonly Jobs[Name]["ask"][]): Promise<Jobs[Name]["answer"][]> {
    if (asks.length !== this.#workers.length)
      throw new Error(`${asks.length} asks for ${this.#workers.length} workers`);
    return Promise.all(this.#workers.map((worker, index) => this.#ask(worker, job, asks[index] as Jobs[Name]["ask"])));
  }

  /** Resolves when every worker process has loaded its code and listens. */
  async ready(): Promise<void> {
    await this.each("report", null);
  }

  /** Asks every worker the same thing. */
  each<Name extends keyof Jobs>(job: Name, ask: Jobs[Name]["ask"]): Promise<Jobs[Name]["answer"][]> {
    return this.all(
      job,
      this.#workers.map(() => ask),
    );
  }

  dismiss(): void {
    for (const worker of this.#workers) worker.kill("SIGKILL");
  }

  #hire(): ChildProcess {
    const worker = fork(WORKER, {
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    worker.on("message", (message) => this.#hear(message as Reply | Second));
    worker.on("exit", (code, signal) => {
      for (const [n, waiting] of this.#waiting) {
        if (waiting.worker !== worker) continue;
        this.#waiting.delete(n);
        waiting.reject(new Error(`a worker process ended with ${signal ?? code}`));
      }
    });
    return worker;
  }

  #ask<Name extends keyof Jobs>(
    worker: ChildProcess,
    job: Name,
    ask: Jobs[Name]["ask"],
  ): Promise<Jobs[Name]["answer"]> {
    const n = this.#questions++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { worker, resolve: resolve as (answer: unknown) => void, reject });
      worker.send({ n, job, ask } as Question, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  #hear(message: Reply | Second): void {
    if ("index" in message) {
      this.#onSecond(message);
      return;
    }
    const waiting = this.#waiting.get(message.n);
    this.#waiting.delete(message.n);
    if ("error" in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve(message.answer);
  }
}
