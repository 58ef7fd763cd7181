import type { ServerResponse } from "node:http";
import type { Eviction } from "../../live/observer.ts";
import type { Clock } from "../../ports/clock.ts";
import { COMMENT, encodeEvent } from "./events.ts";

export const COMMENT_EVERY_MS = 15_000;
/** Beyond its snapshot, a reader may have this much unsent. */
export const MAX_UNSENT_BYTES = 1024 * 1024;
/** A snapshot that is not taken in this time is not waited for. */
const SNAPSHOT_WITHIN_MS = 60_000;
/** The end of a token is a date, and the system's clock may jump over it: so often it is looked at. */
const EXPIRY_LOOK_MS = 4_000;
/** A reader who does not take the end either is cut off. */
const END_WITHIN_MS = 10_000;

/** Why a stream is over for good; without such a reason, the reader is to come again. `replaced`: by a newer one. */
export type StreamEnd = Eviction | "session_ended" | "token_expired" | "replaced";

/**
 * The response of one stream: what is written to it, how much of that waits, and when it ends by itself. One timer,
 * for the comment or the end of the token, whichever is next.
 */
export class StreamLine {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #expiresAt: number;
  readonly #onOver: () => void;
  #commentAt: number;
  /** of the snapshot, until it is taken */
  #snapshotBytes = 0;
  /** until when it is to be taken */
  #snapshotUntil = Number.POSITIVE_INFINITY;
  #letGoOfSnapshot: (() => void) | undefined;
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
    this.#commentAt = clock.steady() + COMMENT_EVERY_MS;
    response.once("close", () => {
      this.#snapshotTaken();
      this.#over();
    });
    // What is written to a socket that has just gone: `close` follows, and says it all.
    response.on("error", () => this.#over());
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    this.#arm();
  }

  /** The first event of every stream. @param letGo called once, when it is taken, or thrown away */
  start(snapshot: Buffer, letGo: () => void): void {
    if (this.#isOver) {
      letGo();
      return;
    }
    this.#letGoOfSnapshot = letGo;
    this.#snapshotBytes = snapshot.length;
    this.#snapshotUntil = this.#clock.steady() + SNAPSHOT_WITHIN_MS;
    this.#response.write(snapshot, () => this.#snapshotTaken());
    this.#cancelTimer?.();
    this.#arm();
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
    const snapshotIn = this.#snapshotUntil - this.#clock.steady();
    const expiresIn = Math.min(this.#expiresAt - this.#clock.now(), EXPIRY_LOOK_MS);
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.min(commentIn, snapshotIn, expiresIn)), () => this.#wake());
  }

  #wake(): void {
    if (this.#isOver) return;
    if (this.#clock.now() >= this.#expiresAt) {
      this.end("token_expired");
      return;
    }
    const now = this.#clock.steady();
    if (now >= this.#snapshotUntil) {
      this.#cut();
      return;
    }
    if (now >= this.#commentAt) {
      this.#commentAt = now + COMMENT_EVERY_MS;
      this.write(COMMENT);
    }
    if (!this.#isOver) this.#arm();
  }

  #snapshotTaken(): void {
    this.#snapshotBytes = 0;
    this.#snapshotUntil = Number.POSITIVE_INFINITY;
    this.#letGoOfSnapshot?.();
    this.#letGoOfSnapshot = undefined;
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
