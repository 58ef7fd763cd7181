/** What a socket has carried so far, in bytes, and what of it still waits to be sent. */
export interface Traffic {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly unsentBytes: number;
}

export const SILENT_AFTER_MS = 6_000;
/** A slow line is no dead line: what was sent may still be on its way, at this many bytes a second or more. */
export const SLOWEST_BYTES_PER_SECOND = 64 * 1024;
export const MAX_UNSENT_BYTES = 1024 * 1024;
export const MAX_UNSENT_FOR_MS = 10_000;
/** Never more, not for a moment. */
export const MOST_UNSENT_BYTES = 16 * 1024 * 1024;

export type LineVerdict = "alive" | "silent" | "too_slow";

/**
 * One socket's signs of life and its backlog, looked at from time to time (contract section 5). Any byte that came in is
 * a sign of life, so nothing has to be done per message. Times in ms of any steady clock.
 */
export class Line {
  #lastSignAt: number;
  #bytesRead: number;
  /** of the bytes written, so many are known to be there: what a heartbeat was answered after */
  #arrivedBytes: number;
  #overSince: number | undefined;
  /** where the first full state ends among the bytes written: what waits up to there, whatever its size, does not count */
  #firstStateEndsAt = 0;

  constructor(now: number, { bytesRead, bytesWritten }: Traffic) {
    this.#lastSignAt = now;
    this.#bytesRead = bytesRead;
    this.#arrivedBytes = bytesWritten;
  }

  /** The first full state has just been handed to the socket. */
  firstStateSent({ bytesWritten }: Traffic): void {
    this.#firstStateEndsAt = bytesWritten;
  }

  /**
   * A heartbeat was answered that was sent when so many bytes had been written: those are there. (That the kernel has
   * taken bytes says nothing: it holds some MiB, half a minute of a thin line.)
   */
  arrived(bytesWritten: number): void {
    this.#arrivedBytes = bytesWritten;
  }

  look(now: number, traffic: Traffic): LineVerdict {
    this.#noteSign(now, traffic);
    if (now - this.#lastSignAt >= this.#patienceMs(traffic.bytesWritten)) return "silent";
    return this.isTooSlow(now, traffic) ? "too_slow" : "alive";
  }

  /** It is not read just now, at our own wish: that is no silence. */
  notRead(now: number): void {
    this.#lastSignAt = now;
  }

  /** Whether it gave no sign of life for so long that it may be closed to make room for a newer one. */
  isSilent(now: number, traffic: Traffic): boolean {
    this.#noteSign(now, traffic);
    return now - this.#lastSignAt >= SILENT_AFTER_MS;
  }

  #noteSign(now: number, { bytesRead }: Traffic): void {
    if (bytesRead === this.#bytesRead) return;
    this.#bytesRead = bytesRead;
    this.#lastSignAt = now;
  }

  #patienceMs(bytesWritten: number): number {
    return SILENT_AFTER_MS + ((bytesWritten - this.#arrivedBytes) / SLOWEST_BYTES_PER_SECOND) * 1_000;
  }

  /** Whether more waits to be sent than may, or did for too long. */
  isTooSlow(now: number, { bytesWritten, unsentBytes }: Traffic): boolean {
    const sentBytes = bytesWritten - unsentBytes;
    const ofFirstState = Math.max(0, this.#firstStateEndsAt - sentBytes);
    const backlog = unsentBytes - ofFirstState;
    if (backlog <= MAX_UNSENT_BYTES) {
      this.#overSince = undefined;
      return false;
    }
    this.#overSince ??= now;
    return backlog > MOST_UNSENT_BYTES || now - this.#overSince >= MAX_UNSENT_FOR_MS;
  }
}
