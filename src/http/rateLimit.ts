import type { RateWindow } from "../core/rate-window.ts";
import type { HttpDeps } from "./deps.ts";
import { type Problem, problem } from "./problem.ts";
import type { Arriving } from "./proxies.ts";

/** Takes one for the address that asks: undefined, or the refusal that says when there will be another. */
export function limitOf(
  window: RateWindow,
  request: Arriving,
  { clock, proxies }: Pick<HttpDeps, "clock" | "proxies">,
): Problem | undefined {
  const waitMs = window.take(proxies.rateKeyOf(request), clock.steady());
  if (waitMs === true) return undefined;
  const seconds = Math.ceil(waitMs / 1000);
  return problem("rate_limited", `Too many from this address. Try again in ${seconds} s.`, {
    headers: { "Retry-After": String(seconds) },
  });
}
