import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { mongo } from "mongoose";
import { endsWithUs } from "./children.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";

/** What to have, or how to get it, for a server of the tests' own. */
export const HOW_TO_GET_ONE =
  "mongod on the PATH, or: cargo install secantus-mdb --version 0.5.3-beta.193 --ignore-rust-version";

interface Program {
  readonly path: string;
  readonly args: (port: number, folder: string) => string[];
}

/** A program that serves the protocol: `mongod`, else `secantusd-rs`. Undefined where this machine has neither. */
export function mongoProgram(): Program | undefined {
  const mongod = onPath("mongod");
  if (mongod !== undefined) {
    return {
      path: mongod,
      args: (port, folder) => ["--port", `${port}`, "--dbpath", folder, "--bind_ip", "127.0.0.1", "--quiet"],
    };
  }
  const secantus = onPath("secantusd-rs", [join(homedir(), ".cargo", "bin")]);
  if (secantus === undefined) return undefined;
  return {
    path: secantus,
    // Without the sync, it loses what it acknowledged when it is killed.
    args: (port, folder) => [
      ...["--port", `${port}`, "--storage-path", folder, "--sync-on-commit", "--log-file-max", "16MB"],
      ...["--cache-size", "256M", "--log-level", "ERROR", "--standalone"],
    ],
  };
}

/** A database server of the tests' own, on a free port, in a folder that goes with it. */
export class MongoServer {
  readonly port: number;
  readonly #program: Program;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(program: Program, port: number, folder: string) {
    this.#program = program;
    this.port = port;
    this.#folder = folder;
  }

  /**
   * @param parent of its folder: the system's for temporary ones where none is given
   * @throws where this machine has no program for it: ask `mongoProgram` before
   */
  static async start(parent = tmpdir()): Promise<MongoServer> {
    const program = mongoProgram();
    if (program === undefined) throw new Error(HOW_TO_GET_ONE);
    const server = new MongoServer(program, await freePort(), await mkdtemp(join(parent, "mongo-")));
    await server.launch();
    return server;
  }

  /** @param port of a proxy before it; its own where none is given */
  uri(database: string, port = this.port): string {
    return `mongodb://127.0.0.1:${port}/${database}?directConnection=true`;
  }

  /** Starts the program on what is in the folder, and waits until it takes connections. */
  async launch(): Promise<void> {
    const child = spawn(this.#program.path, this.#program.args(this.port, this.#folder), {
      stdio: ["ignore", "ignore", "ignore"],
    });
    this.#child = child;
    endsWithUs(child);
    await eventually(
      "a database that takes connections",
      () => {
        if (child.exitCode !== null) throw new Error(`the database ended with ${child.exitCode}`);
        return takesConnections(this.port);
      },
      10_000,
    );
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

  /** Stops the program where it stands; connections stay open and silent. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export type Db = mongo.Db;

/** Looks at, or changes, what is stored, behind the stores' back. */
export async function inDatabase<T>(uri: string, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await new mongo.MongoClient(uri).connect();
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

/** Removes the database that a URI names. */
export async function dropDatabase(uri: string): Promise<void> {
  await inDatabase(uri, (db) => db.dropDatabase());
}

/** The same server, another database. */
export function withDatabase(uri: string, database: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);
}

function onPath(name: string, more: readonly string[] = []): string | undefined {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), ...more]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}
