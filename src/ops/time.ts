import { randomBytes, randomInt } from "node:crypto";
import type { Chance, Clock } from "../ports/clock.ts";

/** The system's time. Timers never keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  steady: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const FLOAT_STEPS = 2 ** 48 - 1;
/** A draw costs the system the same for few bytes and for many, and every record has an id. */
const POOL_BYTES = 4_096;
let pool: Buffer = Buffer.alloc(0);

const ENDS_WELL = /^[A-Za-z0-9].*[A-Za-z0-9]$/;

/** The system's randomness, fit for secrets. */
export const systemChance: Chance = {
  id: () => textOf(12),
  token: () => textOf(24),
  float: () => randomInt(FLOAT_STEPS) / FLOAT_STEPS,
};

/** Drawn again while it begins or ends with `-` or `_` (1 in 16): which costs less than a tenth of a bit. */
function textOf(bytes: number): string {
  for (;;) {
    const text = drawn(bytes).toString("base64url");
    if (ENDS_WELL.test(text)) return text;
  }
}

/** Random bytes that are given to nobody else. */
function drawn(bytes: number): Buffer {
  if (pool.length < bytes) pool = randomBytes(POOL_BYTES);
  const taken = pool.subarray(0, bytes);
  pool = pool.subarray(bytes);
  return taken;
}
