import { HostedElsewhere } from "../live/other-processes.ts";
import type { Forwarding } from "../ports/elsewhere.ts";
import type { Match } from "./match.ts";
import { type Problem, unavailable } from "./problem.ts";
import type { Answer, OpenAsking, Route } from "./route.ts";

/** A request of a route that is about a session. */
interface AboutSession {
  readonly route: Route;
  readonly match: Match;
  /** its body as it was sent, whole; undefined: it has none */
  readonly bytes: Buffer | undefined;
  readonly asking: OpenAsking<string>;
}

/**
 * Has a request answered by the process that hosts its session.
 * @param here answers it in this process, which hosts the session, or opens it where nobody does
 * @throws StoreUnavailable
 */
export async function byHost(
  forwarding: Forwarding,
  { route, match, bytes, asking }: AboutSession,
  here: () => Promise<Answer | Problem>,
): Promise<Answer | Problem> {
  const { request, response } = asking;
  const sessionId = await route.session?.(asking);
  if (sessionId === undefined) return await here();
  const asked = { sessionId, path: pathOf(match, request.originalUrl), body: bytes, heldMs: route.heldMs ?? 0 };
  let answering = await forwarding.answer(asked, request, response);
  if (answering === "here") {
    try {
      return await here();
    } catch (error) {
      // Somebody else was about to open it, and was first.
      if (!(error instanceof HostedElsewhere) || response.headersSent) throw error;
      answering = await forwarding.answer({ ...asked, hostedBy: error.processId }, request, response);
    }
  }
  return answering === "answered" ? { sent: true } : unavailable();
}

/**
 * The path of the place that was found, with the segments of the request in it, and its query. Whatever else a client writes
 * where a path is to be leads nowhere.
 */
function pathOf({ place, rawParams }: Match, url: string): string {
  const path = place.pattern.replace(/:(\w+)/g, (_whole, name: string) => rawParams[name] ?? "");
  const query = url.indexOf("?");
  return query < 0 ? path : path + url.slice(query);
}
