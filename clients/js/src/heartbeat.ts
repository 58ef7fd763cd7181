import type { Clock } from "./clock.ts";
import type { RoomConnection } from "./room.ts";

export interface HeartbeatOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
  onRoundTrip(rttMs: number): void;
  /** called once: the line is dead though the socket looks open */
  onSilence(): void;
}

/**
 * Finds a half-open connection: pings now and then, and takes silence for death. Anything that arrives is a sign of
 * life, for a pong waits behind a big patch on a slow line.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #room: RoomConnection;
  readonly #options: HeartbeatOptions;
  #cancel: () => void = () => {};
  #stopped = false;
  #awaiting = false;

  constructor(clock: Clock, room: RoomConnection, options: HeartbeatOptions) {
    this.#clock = clock;
    this.#room = room;
    this.#options = options;
    this.#rest();
  }

  /** Pings at once, for example after the machine woke up. */
  check(): void {
    if (this.#stopped || this.#awaiting) return;
    this.#awaiting = true;
    this.#await();
    this.#room.ping((rttMs) => {
      if (this.#stopped) return;
      this.#options.onRoundTrip(rttMs);
      this.#rest();
    });
  }

  /** Something arrived: whoever waits for a pong has a new full timeout. */
  heard(): void {
    if (!this.#stopped && this.#awaiting) this.#await();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #await(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(this.#options.timeoutMs, () => {
      this.#stopped = true;
      this.#options.onSilence();
    });
  }

  #rest(): void {
    this.#awaiting = false;
    this.#cancel();
    this.#cancel = this.#clock.after(this.#options.everyMs, () => this.check());
  }
}
