import { z } from "zod";
import { operatorsOnly } from "../access.ts";
import { route } from "../route.ts";

export const drain = route({
  method: "POST",
  path: "/api/admin/drain",
  id: "drain",
  summary: "This process hands its sessions over and stops",
  who: "operator",
  may: (_found, { claims }) => operatorsOnly(claims),
  answers: { 202: { description: "It has begun", schema: z.strictObject({ draining: z.literal(true) }) } },
  problems: ["forbidden"],
  handle({ deps, response }) {
    // Not before the answer is out: the first thing that a drain does is to stop taking connections.
    response.once("close", deps.drain);
    return { status: 202, json: { draining: true } };
  },
});
