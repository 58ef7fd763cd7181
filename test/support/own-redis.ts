import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { endsWithUs } from "./children.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";

export const HOW_TO_GET_REDIS = "redis-server on the PATH (Debian: apt-get install redis-server)";

/** A Redis of the tests' own, on a port of its own, that keeps nothing on the disk. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "redis-"));
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.launch();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty, and waits until it answers. */
  async launch(): Promise<void> {
    const args = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const child = spawn("redis-server", args, { cwd: this.#folder, stdio: "ignore" });
    this.#child = child;
    endsWithUs(child);
    await eventually("a Redis that answers", () => this.ask((redis) => redis.ping()), 10_000);
  }

  /** Asks by a connection of its own. */
  async ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    redis.on("error", () => undefined);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Stops it where it stands; connections stay open and silent. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A Redis for the tests of one `describe`, theirs alone. Without a program for it they are skipped; in CI that is a failure. */
export function ownRedis(): () => RedisServer {
  let server: RedisServer | undefined;
  before(async function () {
    this.timeout(20_000);
    if (spawnSync("redis-server", ["--version"]).status !== 0) {
      if (process.env.CI === "true") throw new Error(`needs ${HOW_TO_GET_REDIS}`);
      console.log(`      skipped: needs ${HOW_TO_GET_REDIS}`);
      return this.skip();
    }
    server = await RedisServer.start();
  });
  after(() => server?.dispose());
  return () => {
    if (server === undefined) throw new Error("No test is running.");
    return server;
  };
}
