import { z } from "zod";
import { admittedOnly, findSession } from "../access.ts";
import { sessionEnded } from "../problem.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { iso, Time } from "../shapes/fields.ts";

export const createStreamTicket = route({
  method: "POST",
  path: "/api/sessions/:sessionId/stream/tickets",
  id: "createStreamTicket",
  summary: "A ticket for your next stream of this session, for browsers' `EventSource`",
  who: "member or invitee",
  session: sessionInPath,
  find: findSession,
  may: admittedOnly,
  answers: {
    201: {
      description:
        "Good for a first use within 30 s, and again while its stream is open or within 60 s after it ended; never beyond your token",
      schema: z.strictObject({ ticket: z.string(), expiresAt: Time }),
    },
  },
  problems: ["banned", "approval_needed", "session_ended"],
  async handle({ deps, params, claims }, { found: { row } }) {
    if (row.status === "ended") return sessionEnded();
    const { ticket, expiresAt } = await deps.streamTickets.issue(params.sessionId, claims);
    return { status: 201, json: { ticket, expiresAt: iso(expiresAt) } };
  },
});
