import type { RateWindow } from "../core/rate-window.ts";
import { TokenBuckets } from "../core/token-buckets.ts";
import type { HttpDeps } from "./deps.ts";
import { type Problem, tooMany } from "./problem.ts";
import type { Arriving } from "./proxies.ts";

/** Writes of one user at once, in seconds of the sustained rate. */
const BURST_SECONDS = 4;

/** The rate of writes under `/api`, by user. @param perSecond 0 = no limit */
export function writeRates(perSecond: number): TokenBuckets {
  return new TokenBuckets(perSecond, BURST_SECONDS * perSecond);
}

/** Takes a write of a user: undefined, or the refusal that says when there will be another. */
export function limitOfWrites(
  userId: string,
  { writes, clock }: Pick<HttpDeps, "writes" | "clock">,
): Problem | undefined {
  return refusal(writes.take(userId, clock.steady()), "Too many changes");
}

/** Takes a knock of a user: the same. */
export function limitOfKnocks(
  userId: string,
  { knocks, clock }: Pick<HttpDeps, "knocks" | "clock">,
): Problem | undefined {
  return refusal(knocks.take(userId, clock.steady()), "Too many knocks");
}

/** Takes one for the address that asks: undefined, or the refusal that says when there will be another. */
export function limitOf(
  window: RateWindow,
  request: Arriving,
  { clock, proxies }: Pick<HttpDeps, "clock" | "proxies">,
): Problem | undefined {
  return refusal(window.take(proxies.rateKeyOf(request), clock.steady()), "Too many from this address");
}

function refusal(waitMs: true | number, what: string): Problem | undefined {
  return waitMs === true ? undefined : tooMany(waitMs, what);
}
