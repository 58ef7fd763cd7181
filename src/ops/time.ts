import { randomBytes, randomInt } from "node:crypto";
import type { Chance, Clock } from "../ports/clock.ts";

/** The system's time. Timers never keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const FLOAT_STEPS = 2 ** 48 - 1;

/** The system's randomness, fit for secrets. */
export const systemChance: Chance = {
  id: () => randomBytes(12).toString("base64url"),
  token: () => randomBytes(24).toString("base64url"),
  float: () => randomInt(FLOAT_STEPS) / FLOAT_STEPS,
};
