import type { Clock } from "./clock.ts";
import type { Emitter } from "./emitter.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Json } from "./json.ts";
import { type LiveState, RequestRefused, type RoomConnection } from "./room.ts";
import type { TableEvents } from "./tableEvents.ts";
import { type TokenSource, takeToken } from "./tokens.ts";

export interface AttendanceOptions {
  readonly clock: Clock;
  readonly token: TokenSource;
  readonly requestTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly pingTimeoutMs: number;
  readonly reportLatency: boolean;
}

export interface AttendanceEars {
  readonly events: Emitter<TableEvents>;
  onFirstState(live: LiveState): void;
  onPatch(live: LiveState): void;
  /** called once: the line is dead though the socket looks open */
  onSilence(): void;
}

/** A first state of some MiB may take its time on a slow line, and no pong can overtake it. */
const FIRST_STATE_MS = 60_000;

/** One joined room, from its first state to its loss: what comes from it, whether it lives, and its token. */
export class Attendance {
  readonly #room: RoomConnection;
  readonly #options: AttendanceOptions;
  readonly #ears: AttendanceEars;
  #heartbeat: Heartbeat | undefined;
  #cancelFirst: () => void;
  #stopped = false;

  constructor(room: RoomConnection, options: AttendanceOptions, ears: AttendanceEars) {
    this.#room = room;
    this.#options = options;
    this.#ears = ears;
    this.#cancelFirst = options.clock.after(FIRST_STATE_MS, () => ears.onSilence());
    room.onState((live) => this.#state(live));
    room.onMessage((type, payload) => this.#message(type, payload));
  }

  request(type: string, payload: unknown): Promise<unknown> {
    return this.#room.request(type, payload, this.#options.requestTimeoutMs);
  }

  /** Looks at once whether the line lives. */
  check(): void {
    this.#heartbeat?.check();
  }

  /** The room is lost or left: nothing is heard of it any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelFirst();
    this.#heartbeat?.stop();
  }

  #state(live: LiveState): void {
    if (this.#stopped) return;
    if (this.#heartbeat !== undefined) {
      this.#heartbeat.heard();
      this.#ears.onPatch(live);
      return;
    }
    this.#cancelFirst();
    const { clock, pingEveryMs, pingTimeoutMs } = this.#options;
    this.#heartbeat = new Heartbeat(clock, this.#room, {
      everyMs: pingEveryMs,
      timeoutMs: pingTimeoutMs,
      onRoundTrip: (rttMs) => this.#roundTrip(rttMs),
      onSilence: () => this.#ears.onSilence(),
    });
    this.#ears.onFirstState(live);
  }

  #roundTrip(rttMs: number): void {
    this.#ears.events.emit("latency", { rttMs });
    // Lost or refused, it is measured anew soon.
    if (this.#options.reportLatency) {
      this.request("latency", { rttMs: Math.min(60_000, Math.max(0, rttMs)) }).catch(() => {});
    }
  }

  #message(type: string, payload: unknown): void {
    if (this.#stopped) return;
    this.#heartbeat?.heard();
    if (type === "token_expiring") void this.#renewToken();
    else this.#ears.events.emit("message", { type, payload: payload as Json });
  }

  async #renewToken(): Promise<void> {
    // A string is all that the caller has: `closed` with 4204 will tell.
    if (typeof this.#options.token === "string") return;
    try {
      const token = await takeToken(this.#options.token, "expiring");
      if (!this.#stopped) await this.request("authenticate", { token });
    } catch (error) {
      if (this.#stopped) return;
      const reason = error instanceof RequestRefused ? error.reason : error;
      this.#ears.events.emit("trouble", { what: "the token could not be renewed", error: reason });
    }
  }
}
