import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";

/** A pipe into which not one byte more fits, for nobody reads it. */
export class FullPipe {
  readonly fd: number;
  readonly #filling: number;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "full-pipe-"));
    const path = join(this.#folder, "pipe");
    execFileSync("mkfifo", [path]);
    const filling = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    // Its own opening, that blocks, as a shell's does.
    this.fd = openSync(path, constants.O_WRONLY);
    for (const size of [65_536, 4_096, 1]) {
      try {
        for (;;) writeSync(filling, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
    }
    this.#filling = filling;
  }

  dispose(): void {
    closeSync(this.fd);
    closeSync(this.#filling);
    rmSync(this.#folder, { recursive: true });
  }
}

/** A socket that its reader, a journal say, has stopped reading, full to the brim. */
export class FullSocket {
  readonly socket: Socket;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server, socket: Socket) {
    this.#folder = folder;
    this.#server = server;
    this.socket = socket;
  }

  static async open(): Promise<FullSocket> {
    const folder = mkdtempSync(join(tmpdir(), "full-socket-"));
    const path = join(folder, "journal");
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const socket = new Socket().connect(path);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => {});
    socket.write(Buffer.alloc(8 * 1024 * 1024));
    return new FullSocket(folder, server, socket);
  }

  dispose(): void {
    this.socket.destroy();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A terminal for a server, by `script`, which is the process that is started: killed, the terminal is closed. */
export class Terminal {
  readonly #folder: string;
  /** what starts a server on it: `ServerOptions.through` */
  readonly through: readonly string[];

  /** @param disowned the terminal's end is not told to the server by a signal */
  constructor({ disowned = false } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "terminal-"));
    const [run, start, pid] = ["run.sh", "start.sh", "pid"].map((name) => join(folder, name));
    writeFileSync(
      start!,
      `echo "echo \\$\\$ >${pid}; exec $*" >${run}\nexec script -qec "exec ${disowned ? "setsid -w " : ""}sh ${run}" /dev/null\n`,
    );
    this.#folder = folder;
    this.through = ["sh", start!];
  }

  /** the process id of the server on it */
  async pid(): Promise<number> {
    const read = () => Number(readFileSync(join(this.#folder, "pid"), "utf8")) || undefined;
    return await eventually("the server's process id", read, 15_000);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
