import { Agent as HttpAgent, get as httpGet } from "node:http";
import { Agent as HttpsAgent, get as httpsGet } from "node:https";
import type { Socket } from "node:net";
import type { Clock } from "../ports/clock.ts";
import type { ProcessBeat } from "../ports/leases.ts";
import type { ProcessListener } from "./processes.ts";

/** Between two tries, and how long a connection has to last for the next try to be made at once. */
const RETRY_MS = 250;
/** An answer that takes longer says nothing: the heartbeat does. */
const ANSWER_MS = 2_000;

/**
 * One idle connection to every other process. A process that is killed is noticed in this moment, not after the silence of
 * its heartbeat: its system closes the connection and refuses the next one.
 */
export class PeerLines implements ProcessListener {
  readonly #clock: Pick<Clock, "steady" | "after">;
  readonly #refused: (processId: string) => void;
  readonly #lines = new Map<string, () => void>();
  #isStopped = false;

  /** @param refused nobody listens any more where somebody did */
  constructor(clock: Pick<Clock, "steady" | "after">, refused: (processId: string) => void) {
    this.#clock = clock;
    this.#refused = refused;
  }

  lives({ processId, internalUrl }: ProcessBeat): void {
    if (this.#isStopped || internalUrl === null) return;
    this.#lines.get(processId)?.();
    this.#lines.set(processId, this.#hold(processId, `${internalUrl}/healthz`));
  }

  died({ processId }: ProcessBeat): void {
    this.#lines.get(processId)?.();
    this.#lines.delete(processId);
  }

  stop(): void {
    this.#isStopped = true;
    for (const end of this.#lines.values()) end();
    this.#lines.clear();
  }

  /** @returns how to let go */
  #hold(processId: string, url: string): () => void {
    const isTls = url.startsWith("https:");
    const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
    let isHeld = true;
    let wasConnected = false;
    let askedAt = 0;
    let cancelRetry: (() => void) | undefined;
    const again = (): void => {
      if (!isHeld || cancelRetry !== undefined) return;
      const hasLasted = this.#clock.steady() - askedAt >= RETRY_MS;
      cancelRetry = this.#clock.after(hasLasted ? 0 : RETRY_MS, ask);
    };
    const ask = (): void => {
      cancelRetry = undefined;
      askedAt = this.#clock.steady();
      const request = (isTls ? httpsGet : httpGet)(url, { agent, timeout: ANSWER_MS });
      request.on("socket", (socket: Socket) => {
        socket.once("connect", () => {
          wasConnected = true;
        });
      });
      request.on("timeout", () => request.destroy());
      request.on("response", (response) => {
        // Closed by a server that has no use for it, or with its process: the next try tells.
        response.socket.once("close", again).unref();
        response.on("error", () => undefined).resume();
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        // One that beats for the first time may not listen yet.
        if (isHeld && error.code === "ECONNREFUSED" && wasConnected) this.#refused(processId);
        again();
      });
    };
    ask();
    return () => {
      isHeld = false;
      cancelRetry?.();
      agent.destroy();
    };
  }
}
