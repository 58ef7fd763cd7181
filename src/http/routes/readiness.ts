import { z } from "zod";
import { faultOf } from "../../ops/log.ts";
import type { Clock } from "../../ports/clock.ts";
import { problem } from "../problem.ts";
import { openRoute } from "../route.ts";

/** A store that takes longer than this to say that it is there is not there for players either. */
const CHECK_TIMEOUT_MS = 2_000;

export const readiness = openRoute({
  method: "GET",
  path: "/readyz",
  id: "readiness",
  summary: "Readiness: the store and Redis are reachable, and this process is not draining",
  who: "anybody",
  answers: { 200: { description: "Send it players", schema: z.strictObject({ status: z.literal("ready") }) } },
  problems: ["unavailable"],
  async handle({ deps }) {
    if (deps.draining()) return problem("unavailable", "This process is draining.");
    try {
      const checks = [() => deps.stores.check(), ...(deps.checks ?? [])];
      await Promise.all(checks.map((check) => within(CHECK_TIMEOUT_MS, check(), deps.clock)));
    } catch (error) {
      deps.log.warn(faultOf(error), "not ready");
      return problem("unavailable", "What this process needs cannot be reached.");
    }
    return { status: 200, json: { status: "ready" } };
  },
});

function within(ms: number, done: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error("no answer in time")));
    done.then(resolve, reject).finally(cancel);
  });
}
