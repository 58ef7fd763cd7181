import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { endsWithUs } from "./children.ts";
import { dropDatabase, withDatabase } from "./mongo-server.ts";
import { freePort } from "./ports.ts";

const ENTRY = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const READY_WITHIN_MS = 30_000;
const KEPT_LOG_CHARACTERS = 4_000_000;

/** A file descriptor or socket of this process, or a pipe that is not read. */
export type Output = number | Socket | "unread pipe";

export interface ServerOptions {
  /** configuration beyond what every server here gets (contract section 10) */
  readonly env?: Readonly<Record<string, string>>;
  /** more of it, of this server at its port */
  readonly ownEnv?: (port: number) => Readonly<Record<string, string>>;
  /** no configured secret: `POST /dev/token` is open, and is limited to 20 tokens per 10 s */
  readonly devLogin?: boolean;
  /** where it runs, in place of its own folder; it is the test's to remove */
  readonly cwd?: string;
  /** what its log is written to, in place of `log` here;  */
  readonly stdout?: Output;
  /** a program that starts the server in its place, with its arguments: `setpriv --…` */
  readonly through?: readonly string[];
}

/** How a start went. */
export type Start =
  | { readonly isReady: true }
  | { readonly isReady: false; readonly code: number | null; readonly said: string };

export interface TokenClaims {
  readonly name?: string;
  readonly roles?: readonly string[];
  /** default one hour; may be negative, for a token that has ended already */
  readonly expiresInSeconds?: number;
}

/** With `MONGODB_URI` set, the tests' servers keep everything there, each in a database of its own. */
function ownDatabase(): { readonly MONGODB_URI?: string } {
  const uri = process.env.MONGODB_URI;
  if (uri === undefined || uri === "") return {};
  return { MONGODB_URI: withDatabase(uri, `server-${randomBytes(6).toString("hex")}`) };
}

/**
 * A real server in a process of its own, with its own temporary folder, always on the same port: it can be killed, asked to
 * stop, and started again on what it left behind.
 */
export class ServerProcess {
  readonly port: number;
  readonly dataDir: string;
  readonly secret: string | null;
  readonly #env: Readonly<Record<string, string>>;
  readonly #through: readonly string[];
  readonly #cwd: string;
  readonly #stdout: Output | undefined;
  /** the database that is this server's alone; one that a test names is the test's */
  readonly #database: string | undefined;
  #child: ChildProcess | null = null;
  #log = "";

  private constructor(port: number, options: ServerOptions) {
    this.port = port;
    this.dataDir = mkdtempSync(join(tmpdir(), "campaign-live-"));
    this.secret = options.devLogin ? null : (options.env?.AUTH_JWT_SECRET ?? randomBytes(32).toString("hex"));
    this.#through = options.through ?? [];
    this.#cwd = options.cwd ?? this.dataDir;
    this.#stdout = options.stdout;
    const own = options.env?.MONGODB_URI === undefined ? ownDatabase() : {};
    this.#database = own.MONGODB_URI;
    this.#env = { ...own, ...options.env, ...options.ownEnv?.(port) };
  }

  /** Starts a server on a free port, in an empty folder, and waits until it is ready. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), options);
    try {
      await server.start();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Starts a server that may well refuse to start, and is gone afterwards in any case. */
  static async refusedStart(options: ServerOptions): Promise<Start> {
    const server = new ServerProcess(await freePort(), options);
    try {
      return await server.tryStart();
    } finally {
      await server.dispose();
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error("the server does not run");
    return this.#child.pid;
  }

  /** where it keeps its data */
  get dataFolder(): string {
    return this.#env.DATA_DIR ?? join(this.dataDir, "data");
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What every life of this server wrote to stdout and stderr, the newest few million characters. */
  get log(): string {
    return this.#log;
  }

  /** Starts the process on the same port and folder. Rejects, with the end of the log, if it does not become ready. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** Starts the process, which may well refuse to start. @returns whether it is ready, else how it ended and what it said */
  async tryStart(): Promise<Start> {
    const before = this.#log.length;
    this.launch();
    const child = this.#child!;
    const closed = once(child, "close");
    try {
      await this.ready();
      return { isReady: true };
    } catch (error) {
      if (this.isRunning) throw error;
      await closed;
      this.#child = null;
      return { isReady: false, code: child.exitCode, said: this.#log.slice(before) };
    }
  }

  /** Starts the process and returns at once, ready or not. */
  launch(): void {
    if (this.isRunning) throw new Error("the server runs already");
    const [program, ...args] = [...this.#through, process.execPath, ENTRY];
    const child = spawn(program!, args, {
      // not the project's folder: a developer's .env must not reach a test
      cwd: this.#cwd,
      env: {
        PATH: process.env.PATH ?? "",
        PORT: String(this.port),
        HOST: "127.0.0.1",
        DATA_DIR: this.dataFolder,
        LOG_LEVEL: "info",
        // Tests set their scenes by HTTP; those of this limit ask for it.
        RATE_WRITES: "0",
        ...(this.secret === null ? {} : { AUTH_JWT_SECRET: this.secret }),
        ...this.#env,
      },
      stdio: ["ignore", typeof this.#stdout === "string" ? "pipe" : (this.#stdout ?? "pipe"), "pipe"],
    });
    this.#child = child;
    endsWithUs(child);
    const keep = (text: string) => {
      this.#log = (this.#log + text).slice(-KEPT_LOG_CHARACTERS);
    };
    if (this.#stdout === undefined) child.stdout!.setEncoding("utf8").on("data", keep);
    child.stderr!.setEncoding("utf8").on("data", keep);
  }

  /** Waits for `/readyz`. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (!this.isRunning) throw new Error(`the server ended before it was ready:\n${this.#log.slice(-4_000)}`);
      try {
        const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
        await answer.arrayBuffer();
        if (answer.status === 200) return;
      } catch {
        // not listening yet
      }
      if (Date.now() > deadline) throw new Error(`not ready in ${READY_WITHIN_MS} ms:\n${this.#log.slice(-4_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** kill -9, and waits until the process is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Closes this end of what the running server writes its log to, and of what it prints its last words on. */
  hangUp(): void {
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  /** Signals in a row, and waits. @returns the exit code, null if a signal ended it */
  async signal(...signals: readonly NodeJS.Signals[]): Promise<number | null> {
    for (const signal of signals.slice(0, -1)) process.kill(this.pid, signal);
    return await this.#end(signals.at(-1)!);
  }

  /** SIGTERM, and waits. @returns the exit code, null if a signal ended it */
  async stop(): Promise<number | null> {
    return await this.#end("SIGTERM");
  }

  /** Ends the process, whatever it is doing, and removes its folder. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
    if (this.#database !== undefined) await dropDatabase(this.#database);
  }

  /** A token signed with this server's configured secret; with dev login, one that it gives out itself. */
  async tokenFor(userId: string, claims: TokenClaims = {}): Promise<string> {
    const { expiresInSeconds = 3_600, ...shown } = claims;
    if (this.secret === null) {
      const answer = await fetch(`${this.url}/dev/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ userId, ...shown }),
      });
      if (answer.status !== 200) throw new Error(`POST /dev/token: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { token: string }).token;
    }
    return await new SignJWT({ ...shown })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(userId)
      .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSeconds)
      .sign(new TextEncoder().encode(this.secret));
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === null) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
    this.#child = null;
    return child.exitCode;
  }
}
