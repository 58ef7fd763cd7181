import { z } from "zod";
import { viewerOf } from "../monitor/viewer.ts";
import { isProblem } from "../problem.ts";
import { type Asking, route } from "../route.ts";
import { iso, Time } from "../shapes/fields.ts";

export const createMonitorTicket = route({
  method: "POST",
  path: "/api/monitor/tickets",
  id: "createMonitorTicket",
  summary: "A ticket that opens the monitor in a browser, once",
  who: "operator, GM of any campaign",
  find: (asking: Asking) => viewerOf(asking.claims, asking.deps),
  answers: {
    201: {
      description: "Good once, for 30 s or up to the end of your token; `url` leads to the monitor with it",
      schema: z.strictObject({ ticket: z.string(), url: z.string(), expiresAt: Time }),
    },
  },
  problems: ["forbidden"],
  async handle({ deps }, { found }) {
    if (isProblem(found)) return found;
    const { ticket, expiresAt } = await deps.monitorPasses.issue(found.claims);
    return { status: 201, json: { ticket, url: `/monitor?ticket=${ticket}`, expiresAt: iso(expiresAt) } };
  },
});
