import { z } from "zod";
import { findSession } from "../access.ts";
import { sessionEnded } from "../problem.ts";
import { route } from "../route.ts";
import { iso, Time } from "../shapes/fields.ts";

export const createStreamTicket = route({
  method: "POST",
  path: "/api/sessions/:sessionId/stream/tickets",
  id: "createStreamTicket",
  summary: "A ticket for your next stream of this session, for browsers' `EventSource`",
  who: "member or invitee",
  find: findSession,
  answers: {
    201: {
      description: "Good once, for 30 s or up to the end of your token",
      schema: z.strictObject({ ticket: z.string(), expiresAt: Time }),
    },
  },
  problems: ["banned", "session_ended"],
  handle({ deps, params, claims }, { found: { row } }) {
    if (row.status === "ended") return sessionEnded();
    const { ticket, expiresAt } = deps.streamTickets.issue(params.sessionId, claims);
    return { status: 201, json: { ticket, expiresAt: iso(expiresAt) } };
  },
});
