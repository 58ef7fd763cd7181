import type { Actor } from "../../src/core/session.ts";
import type { SessionState } from "../../src/core/state.ts";
import type { RunningSessions } from "../../src/live/sessions.ts";

/** A new session, which the test needs. @throws where it is refused */
export async function createdSession(
  running: Pick<RunningSessions, "create">,
  input: Parameters<RunningSessions["create"]>[0],
  by: Actor,
): Promise<SessionState> {
  const created = await running.create(input, by);
  if (typeof created === "string") throw new Error(`no session: ${created}`);
  return created;
}
