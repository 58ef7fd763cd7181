import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./ports.ts";
import { pipeSlowly, type Slowness } from "./slow-pipe.ts";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A wire between a client and the server that can be cut in the ways real wires are cut. */
export class TcpProxy {
  readonly port: number;
  readonly #targetPort: () => number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  readonly #slowness: Slowness | undefined;
  #isOpen = true;
  #answerDelayMs = 0;

  private constructor(port: number, targetPort: () => number, slowness: Slowness | undefined) {
    this.port = port;
    this.#slowness = slowness;
    this.#targetPort = targetPort;
    this.#listener = createServer((near) => this.#carry(near));
  }

  /**
   * A wire to a port of this machine.
   * @param target where the port is not known yet: asked at each connection
   * @param slowness of a long or thin one; `stall` is for others
   */
  static async to(target: number | (() => number), slowness?: Slowness): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort(), typeof target === "number" ? () => target : target, slowness);
    proxy.#listener.listen(proxy.port, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many connections it carries. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Both ends see the connection break, without a close frame. New connections go through. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** The client's end breaks; the server's end stays open and silent, as when a phone goes out of reach. */
  abandon(): void {
    for (const { near, far } of this.#pairs) {
      far.pause();
      near.resetAndDestroy();
    }
  }

  /** Nothing passes any more in either direction, and nobody is told. */
  stall(): void {
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** What the server says is held back; what it is told still arrives. Followed by `cut`, its answers are lost. */
  mute(): void {
    for (const { far } of this.#pairs) far.pause();
  }

  /** What `stall` or `mute` held back goes on. */
  resume(): void {
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  /** From now on, every byte of the server's comes so much later, on new connections too; a client may have gone by then. */
  delayAnswers(ms: number): void {
    this.#answerDelayMs = ms;
  }

  /** No new connection gets through until `open`. */
  shut(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    const closed = once(this.#listener, "close");
    // Whoever still knocks is sent away: nobody would ever cut them off.
    this.shut();
    this.#listener.close();
    this.cut();
    await closed;
  }

  #carry(near: Socket): void {
    near.on("error", () => near.destroy());
    if (!this.#isOpen) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#targetPort(), "127.0.0.1");
    const pair = { near, far };
    this.#pairs.add(pair);
    far.on("error", () => far.destroy());
    if (this.#slowness === undefined) {
      near.on("data", (chunk) => far.write(chunk));
      this.#answer(far, near);
    } else {
      pipeSlowly(near, far, this.#slowness);
      pipeSlowly(far, near, this.#slowness);
    }
    near.on("end", () => far.end());
    far.on("end", () => near.end());
    far.on("close", () => {
      near.destroy();
      this.#pairs.delete(pair);
    });
    // after `abandon` the far end is to stay open: it is paused, and nobody ends it
    near.on("close", () => {
      if (!far.isPaused()) far.destroy();
    });
  }

  #answer(far: Socket, near: Socket): void {
    let last = 0;
    far.on("data", (chunk) => {
      const now = performance.now();
      // In their order, also where the delay has just become shorter.
      last = Math.max(last, now + this.#answerDelayMs);
      if (last <= now) near.write(chunk);
      else setTimeout(() => near.write(chunk), last - now).unref();
    });
  }
}
