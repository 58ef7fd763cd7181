import { z } from "zod";
import type { ProcessBeat } from "../../ports/leases.ts";
import { operatorsOnly } from "../access.ts";
import { route } from "../route.ts";
import { Time } from "../shapes/fields.ts";

const ProcessShape = z.strictObject({
  processId: z.string(),
  internalUrl: z.string().nullable().describe("at which the other processes reach it; null: it serves alone"),
  startedAt: Time,
  beatAt: Time.describe("its last heartbeat, by its own clock"),
  sessions: z.int().min(0).describe("that it hosts, at its last heartbeat"),
  connections: z.int().min(0).describe("WebSockets of people in them, at its last heartbeat"),
  draining: z.boolean(),
  version: z.string(),
});

export const listProcesses = route({
  method: "GET",
  path: "/api/admin/processes",
  id: "listProcesses",
  summary: "The processes that serve these campaigns and are there",
  who: "operator",
  may: (_found, { claims }) => operatorsOnly(claims),
  answers: { 200: { description: "This one first", schema: z.strictObject({ items: z.array(ProcessShape) }) } },
  problems: ["forbidden"],
  handle: ({ deps }) => ({ status: 200, json: { items: deps.processes().map(shown) } }),
});

function shown({ processId, internalUrl, startedAt, beatAt, sessions, connections, ...rest }: ProcessBeat) {
  return {
    processId,
    internalUrl,
    startedAt: new Date(startedAt).toISOString(),
    beatAt: new Date(beatAt).toISOString(),
    sessions,
    connections,
    draining: rest.isDraining,
    version: rest.version,
  };
}
