import type { Socket } from "node:net";

/** A line's properties, each way. */
export interface Slowness {
  /** one way; half a round trip */
  readonly delayMs?: number;
  readonly bytesPerSecond?: number;
}

/** Bytes on the way before the sender has to wait, as in a router's queue. */
const QUEUE_BYTES = 64 * 1024;

/** Carries what one socket says to another, late and slowly, and lets the sender wait while too much is on its way. */
export function pipeSlowly(from: Socket, to: Socket, { delayMs = 0, bytesPerSecond = Infinity }: Slowness): void {
  let queued = 0;
  /** when the last byte taken so far is through the narrow part */
  let throughAt = 0;
  from.on("data", (chunk) => {
    queued += chunk.length;
    if (queued > QUEUE_BYTES) from.pause();
    throughAt = Math.max(throughAt, performance.now()) + (chunk.length / bytesPerSecond) * 1_000;
    setTimeout(() => {
      queued -= chunk.length;
      if (queued <= QUEUE_BYTES) from.resume();
    }, throughAt - performance.now());
    setTimeout(() => to.write(chunk), throughAt + delayMs - performance.now());
  });
}
