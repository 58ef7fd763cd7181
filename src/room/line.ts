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

export type LineVerdict = "alive" | "silent" | "too_slow";

/**
 * One socket's signs of life and its backlog, looked at from time to time (contract section 5). Any byte that came in is
 * a sign of life, so nothing has to be done per message. Times in ms of any steady clock.
 */
export class Line {
  #lastSignAt: number;
  #bytesRead: number;
  #bytesWrittenAtSign: number;
  #overSince: number | undefined;
  /** Until the first full state is through, whatever its size, the backlog counts for nothing. */
  #firstStatePending = true;

  constructor(now: number, { bytesRead, bytesWritten }: Traffic) {
    this.#lastSignAt = now;
    this.#bytesRead = bytesRead;
    this.#bytesWrittenAtSign = bytesWritten;
  }

  look(now: number, { bytesRead, bytesWritten, unsentBytes }: Traffic): LineVerdict {
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#lastSignAt = now;
      // What still waits here was not sent, but has to arrive before an answer to it can.
      this.#bytesWrittenAtSign = bytesWritten - unsentBytes;
    }
    if (now - this.#lastSignAt >= this.#patienceMs(bytesWritten)) return "silent";
    return this.#overBacklog(now, unsentBytes) ? "too_slow" : "alive";
  }

  /** Whether it gave no sign of life for so long that it may be closed to make room for a newer one. */
  isSilent(now: number): boolean {
    return now - this.#lastSignAt >= SILENT_AFTER_MS;
  }

  #patienceMs(bytesWritten: number): number {
    return SILENT_AFTER_MS + ((bytesWritten - this.#bytesWrittenAtSign) / SLOWEST_BYTES_PER_SECOND) * 1_000;
  }

  #overBacklog(now: number, unsentBytes: number): boolean {
    if (unsentBytes <= MAX_UNSENT_BYTES) {
      this.#firstStatePending = false;
      this.#overSince = undefined;
      return false;
    }
    if (this.#firstStatePending) return false;
    this.#overSince ??= now;
    return now - this.#overSince >= MAX_UNSENT_FOR_MS;
  }
}
