import { z } from "zod";
import { faultOf } from "../../ops/log.ts";
import { problem } from "../problem.ts";
import { openRoute } from "../route.ts";

const told = new WeakSet<object>();

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
      await deps.readiness.ask();
    } catch (error) {
      // Many may ask, and share one failure: it is told once.
      if (!told.has(error as object)) deps.log.warn(faultOf(error), "not ready");
      told.add(error as object);
      return problem("unavailable", "What this process needs cannot be reached.");
    }
    return { status: 200, json: { status: "ready" } };
  },
});
