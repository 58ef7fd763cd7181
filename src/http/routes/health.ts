import { z } from "zod";
import { openRoute } from "../route.ts";

/** Liveness: that this answers at all is the answer. */
export const health = openRoute({
  method: "GET",
  path: "/healthz",
  id: "health",
  summary: "Liveness",
  who: "anybody",
  answers: { 200: { description: "The process answers", schema: z.strictObject({ status: z.literal("ok") }) } },
  handle: () => ({ status: 200, json: { status: "ok" } }),
});
