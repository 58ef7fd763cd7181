import { z } from "zod";
import { faultOf } from "../../ops/log.ts";
import { problem } from "../problem.ts";
import { openRoute } from "../route.ts";

const told = new WeakSet<object>();

export const readiness = openRoute({
  method: "GET",
  path: "/readyz",
  id: "readiness",
  summary: "Readiness: the store is reachable, and this process is not draining",
  who: "anybody",
  answers: {
    200: {
      description: "Send it players",
      schema: z.strictObject({
        status: z.literal("ready"),
        redis: z.enum(["ok", "away"]).exactOptional().describe("absent where there is none; away: listings may be old"),
      }),
    },
  },
  problems: ["unavailable"],
  async handle({ deps }) {
    if (deps.draining()) return problem("unavailable", "This process is draining.");
    const redis = deps.redisIsThere?.ask();
    try {
      await deps.readiness.ask();
    } catch (error) {
      // Many may ask, and share one failure: it is told once.
      if (!told.has(error as object)) deps.log.warn(faultOf(error), "not ready");
      told.add(error as object);
      return problem("unavailable", "What this process needs cannot be reached.");
    }
    // Running sessions, and joins to them, go on without it.
    if (redis === undefined) return { status: 200, json: { status: "ready" } };
    return { status: 200, json: { status: "ready", redis: (await redis) ? "ok" : "away" } };
  },
});
