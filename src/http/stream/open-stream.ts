import type { ServerResponse } from "node:http";
import type { Claims } from "../../identity/claims.ts";
import type { LiveSession } from "../../live/sessions.ts";
import type { MemberState } from "../../ports/campaigns.ts";
import { SessionStreams, type StreamDeps } from "./session-streams.ts";
import { standingNow } from "./standing-now.ts";
import type { TicketUse } from "./tickets.ts";

const shownBy = new WeakMap<LiveSession, SessionStreams>();

/**
 * Opens a stream of a running session. Nothing may be awaited between looking at somebody's rights and this.
 * @param now their membership of the campaign
 * @param use of the ticket by which they come, if by one
 */
export function openStream(
  session: LiveSession,
  claims: Claims,
  now: MemberState,
  response: ServerResponse,
  deps: StreamDeps,
  use?: TicketUse,
): "opened" | "session_ended" | "unavailable" | "banned" | "approval_needed" | "not_found" {
  if (session.committed.status === "ended") return "session_ended";
  if (!session.open) return "unavailable";
  const { userId } = claims;
  const standing = standingNow(session, userId, now);
  if (typeof standing === "string") return standing;
  if (!deps.unsent.hasRoomFor(userId) || !deps.openStreams.hasRoomFor(userId, session.committed.sessionId)) {
    return "unavailable";
  }
  let streams = shownBy.get(session);
  if (streams === undefined || streams.isOver) {
    streams = new SessionStreams(session, deps);
    shownBy.set(session, streams);
  }
  streams.add(standing, now, claims.expiresAt, response, use);
  return "opened";
}
