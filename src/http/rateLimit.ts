import type { Request } from "express";
import type { RateWindow } from "../core/rate-window.ts";
import type { Clock } from "../ports/clock.ts";
import { type Problem, problem } from "./problem.ts";

/** Takes one for the address that asks: undefined, or the refusal that says when there will be another. */
export function limitOf(window: RateWindow, { ip }: Request, clock: Pick<Clock, "steady">): Problem | undefined {
  const waitMs = window.take(ip ?? "", clock.steady());
  if (waitMs === true) return undefined;
  const seconds = Math.ceil(waitMs / 1000);
  return problem("rate_limited", `Too many from this address. Try again in ${seconds} s.`, {
    headers: { "Retry-After": String(seconds) },
  });
}
