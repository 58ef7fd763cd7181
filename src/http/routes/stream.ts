import { z } from "zod";
import { findSession } from "../access.ts";
import { decideIn } from "../acting.ts";
import { authenticate } from "../authenticate.ts";
import { isProblem, notFound, type Problem, problem, sessionEnded, unavailable } from "../problem.ts";
import { type Answer, type Asking, type OpenAsking, route } from "../route.ts";
import { openStream } from "../stream/sessionStreams.ts";

const MEDIA_TYPE = "text/event-stream";

/** By the ticket where there is one, else by the bearer token. */
function identify(asking: OpenAsking<string>) {
  const { deps, params, request } = asking;
  const { ticket } = request.query;
  if (ticket === undefined) return authenticate(request, deps.identity);
  const claims = typeof ticket === "string" ? deps.streamTickets.redeem(ticket, params.sessionId ?? "") : undefined;
  return Promise.resolve(claims);
}

async function open(asking: Asking<"sessionId">): Promise<Answer | Problem> {
  const { claims, response } = asking;
  // From the moment at which the stream is open the session tells it what changes, so nothing is missed in between.
  const outcome = await decideIn(asking, (session, { membership }) =>
    // They may have gone while the session was opened.
    response.destroyed ? "opened" : openStream(session, claims, membership, response),
  );
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
  identify,
  find: findSession,
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
  problems: ["banned", "session_ended"],
  async handle(asking, { found: { row } }) {
    if (row.status === "ended") return sessionEnded();
    if (asking.request.method === "HEAD") return { status: 200, text: "", headers: { "Content-Type": MEDIA_TYPE } };
    return await open(asking);
  },
});
