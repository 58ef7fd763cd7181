import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../test/support/ports.ts";

/** Of MongoDB's wire protocol: message length, two ids, opcode. */
const HEADER = 16;
const OP_MSG = 2013;
/** In an OP_MSG before the first element's name: flags, kind of section, length of the document, type of the element. */
const BEFORE_NAME = HEADER + 4 + 1 + 4 + 1;
const LONGEST_NAME = 64;

/** Counts the commands in what a client sends to MongoDB, cut anywhere. */
export class CommandCount {
  readonly #onCommand: (name: string) => void;
  #head = Buffer.alloc(0);
  #left = 0;

  constructor(onCommand: (name: string) => void) {
    this.#onCommand = onCommand;
  }

  take(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, rest.length);
        this.#left -= taken;
        rest = rest.subarray(taken);
        continue;
      }
      const all = Buffer.concat([this.#head, rest]);
      const length = all.length < 4 ? Number.POSITIVE_INFINITY : Math.max(HEADER, all.readInt32LE(0));
      const needed = Math.min(length, BEFORE_NAME + LONGEST_NAME);
      if (all.length < needed) {
        this.#head = all;
        return;
      }
      if (all.readInt32LE(12) === OP_MSG) this.#onCommand(nameIn(all));
      rest = all.subarray(Math.min(all.length, length));
      this.#left = Math.max(0, length - all.length);
      this.#head = Buffer.alloc(0);
    }
  }
}

function nameIn(message: Buffer): string {
  const end = message.indexOf(0, BEFORE_NAME);
  return message.toString("latin1", BEFORE_NAME, end);
}

/** A wire to MongoDB that knows which commands went over it. */
export class CountedMongo {
  readonly port: number;
  readonly #counts = new Map<string, number>();
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, mongoPort: number) {
    this.port = port;
    this.#listener = createServer((near) => {
      const far = connect(mongoPort, "127.0.0.1");
      const count = new CommandCount((name) => this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1));
      near.on("data", (bytes: Buffer) => count.take(bytes));
      near.pipe(far).pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => one.destroy());
        one.once("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async before(mongoPort: number): Promise<CountedMongo> {
    const counted = new CountedMongo(await freePort(), mongoPort);
    counted.#listener.listen(counted.port, "127.0.0.1");
    await once(counted.#listener, "listening");
    return counted;
  }

  /** By name, since the start. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }

  stop(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
