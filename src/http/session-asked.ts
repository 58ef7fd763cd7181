import { inviteHash } from "../core/invite-hash.ts";
import { showsCookie } from "./monitor/viewer.ts";
import type { OpenAsking, SessionAsked } from "./route.ts";

type Asking = Pick<OpenAsking<string>, "deps" | "params" | "request">;

/** The session that the path names. */
export function sessionInPath({ params }: Asking): SessionAsked {
  return params.sessionId;
}

/** The session to which the invite in the path leads. */
export function sessionOfInvite({ params, deps }: Asking): SessionAsked {
  return deps.stores.sessions.findByInvite(inviteHash(params.token ?? ""));
}

/** The session whose room the query names, for somebody with a cookie of the monitor: rooms have their sessions' ids. */
export async function sessionOfRoom({ request, deps }: Asking): Promise<string | undefined> {
  const { roomId } = request.query;
  // To nobody else it is to be told, by the time that it takes, which sessions run.
  return typeof roomId === "string" && (await showsCookie(request, deps)) ? roomId : undefined;
}
