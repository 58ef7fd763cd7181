import type { ServerResponse } from "node:http";
import type { Eviction } from "../../live/observer.ts";
import type { Clock } from "../../ports/clock.ts";
import { COMMENT, encodeEvent } from "./events.ts";

export const COMMENT_EVERY_MS = 15_000;
/** Beyond its snapshot, a reader may have this much unsent. */
export const MAX_UNSENT_BYTES = 1024 * 1024;
/** A snapshot that is not taken in this time is not waited for. */
const SNAPSHOT_WITHIN_MS = 120_000;
/** The end of a token is a date, and the system's clock may jump over it: so often it is looked at. */
const EXPIRY_LOOK_MS = 4_000;
/** A reader who does not take the end either is cut off. */
const END_WITHIN_MS = 10_000;

/** Why a stream is over for good; without such a reason, the reader is to come again. */
export type StreamEnd = Eviction | "session_ended" | "token_expired";

/**
 * The response of one stream: what is written to it, how much of that waits, and when it ends by itself. One timer,
 * for the comment or the end of the token, whichever is next.
 */
export class StreamLine {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #expiresAt: number;
  readonly #onOver: () => void;
  readonly #openedAt: number;
  #commentAt: number;
  /** of the snapshot, until it is on its way */
  #snapshotBytes = 0;
  #isOver = false;
  #cancelTimer: (() => void) | undefined;

  /**
   * @param expiresAt when the token ends, ms since 1970
   * @param onOver called once, when it is over from either side
   */
  constructor(response: ServerResponse, expiresAt: number, clock: Clock, onOver: () => void) {
    this.#response = response;
    this.#expiresAt = expiresAt;
    this.#clock = clock;
    this.#onOver = onOver;
    this.#openedAt = clock.steady();
    this.#commentAt = this.#openedAt + COMMENT_EVERY_MS;
    response.once("close", () => this.#over());
    // What is written to a socket that has just gone: `close` follows, and says it all.
    response.on("error", () => this.#over());
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    this.#arm();
  }

  /** The first thing on every stream. */
  start(snapshot: Buffer): void {
    if (this.#isOver) return;
    this.#snapshotBytes = snapshot.length;
    this.#response.write(snapshot, () => {
      this.#snapshotBytes = 0;
    });
  }

  write(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#response.write(bytes);
    if (this.#response.writableLength > MAX_UNSENT_BYTES + this.#snapshotBytes) this.#cut();
  }

  /** @param why null: to come again */
  end(why: StreamEnd | null): void {
    if (this.#isOver) return;
    if (why !== null) this.#response.write(encodeEvent("end", JSON.stringify({ reason: why })));
    this.#response.end();
    this.#over();
    const cancel = this.#clock.after(END_WITHIN_MS, () => this.#response.destroy());
    this.#response.once("close", cancel);
  }

  #arm(): void {
    const commentIn = this.#commentAt - this.#clock.steady();
    const expiresIn = Math.min(this.#expiresAt - this.#clock.now(), EXPIRY_LOOK_MS);
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.min(commentIn, expiresIn)), () => this.#wake());
  }

  #wake(): void {
    if (this.#isOver) return;
    if (this.#clock.now() >= this.#expiresAt) {
      this.end("token_expired");
      return;
    }
    const now = this.#clock.steady();
    if (now >= this.#commentAt) {
      this.#commentAt = now + COMMENT_EVERY_MS;
      if (this.#snapshotBytes > 0 && now >= this.#openedAt + SNAPSHOT_WITHIN_MS) this.#cut();
      else this.write(COMMENT);
    }
    if (!this.#isOver) this.#arm();
  }

  /** Somebody who reads this slowly gets no end either: what waits is thrown away. */
  #cut(): void {
    this.#response.destroy();
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#onOver();
  }
}
