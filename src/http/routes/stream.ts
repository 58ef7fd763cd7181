import { z } from "zod";
import { admittedOnly, findSession } from "../access.ts";
import { decideIn } from "../acting.ts";
import { authenticate } from "../authenticate.ts";
import { approvalNeeded, isProblem, notFound, type Problem, problem, sessionEnded, unavailable } from "../problem.ts";
import { type Answer, type Asking, type OpenAsking, route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { openStream } from "../stream/open-stream.ts";
import type { GoodTicket } from "../stream/tickets.ts";

const MEDIA_TYPE = "text/event-stream";

/** By the ticket where there is one, else by the bearer token. */
async function identify({ deps, params, request, response }: OpenAsking<string>) {
  const { ticket } = request.query;
  if (ticket === undefined) return await authenticate(request, deps.identity);
  if (typeof ticket !== "string") return undefined;
  const good = await deps.streamTickets.find(ticket, params.sessionId ?? "");
  response.locals.ticket = good;
  return good?.claims;
}

async function open(asking: Asking<"sessionId">): Promise<Answer | Problem> {
  const { deps, claims, response } = asking;
  const { ticket } = response.locals as { readonly ticket?: GoodTicket };
  const use = ticket === undefined ? undefined : await deps.streamTickets.use(ticket);
  // From the moment at which the stream is open the session tells it what changes, so nothing is missed in between.
  const outcome = await decideIn(asking, (session, { membership }) =>
    // They may have gone while the session was opened.
    response.destroyed ? "opened" : openStream(session, claims, membership, response, deps, use),
  ).catch((error: unknown) => {
    use?.over();
    throw error;
  });
  // Nobody was there any more to open it for, or it was refused.
  if (outcome !== "opened" || response.destroyed) use?.over();
  if (isProblem(outcome)) return outcome;
  switch (outcome) {
    case "opened":
      return { sent: true };
    case "session_ended":
      return sessionEnded();
    case "unavailable":
      return unavailable();
    case "banned":
      return problem("banned", "A GM banned you from this session.");
    case "approval_needed":
      return approvalNeeded();
    case "not_found":
      return notFound();
  }
}

export const stream = route({
  method: "GET",
  path: "/api/sessions/:sessionId/stream",
  id: "stream",
  summary: "A session as Server-Sent Events",
  who: "member or invitee",
  session: sessionInPath,
  identify,
  find: findSession,
  may: admittedOnly,
  query: z.object({
    ticket: z.string().exactOptional().meta({ description: "instead of the bearer token: from `createStreamTicket`" }),
  }),
  answers: {
    200: {
      description:
        "`snapshot` first, then `patch`, `presence`, `status` and `title`. `end` says that it is over for good; without it, come again",
      mediaType: MEDIA_TYPE,
    },
  },
  problems: ["banned", "approval_needed", "session_ended"],
  async handle(asking, { found: { row } }) {
    if (row.status === "ended") return sessionEnded();
    if (asking.request.method === "HEAD") return { status: 200, text: "", headers: { "Content-Type": MEDIA_TYPE } };
    return await open(asking);
  },
});
