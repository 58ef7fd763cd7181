import { hash } from "node:crypto";
import type { Invite } from "../core/session.ts";
import { inviteUsable, type SessionState } from "../core/state.ts";
import type { HttpDeps } from "./deps.ts";
import { notFound, type Problem } from "./problem.ts";

/** An invite that is good for whoever asks, and its session. */
export interface GoodInvite {
  readonly invite: Invite;
  readonly state: SessionState;
}

/**
 * The invite to which a token leads. Bad, revoked, expired and used up (for somebody who has not used it) are all 404.
 * @param userId null: somebody who has used no invite yet
 */
export async function inviteOf(token: string, userId: string | null, deps: HttpDeps): Promise<GoodInvite | Problem> {
  const tokenHash = hash("sha256", token, "hex");
  const sessionId = await deps.stores.sessions.findByInvite(tokenHash);
  const state = sessionId === undefined ? undefined : await deps.running.read(sessionId);
  const invite = [...(state?.invites.values() ?? [])].find((one) => one.tokenHash === tokenHash);
  if (state === undefined || invite === undefined) return notFound();
  return inviteUsable(state, invite, userId ?? "", deps.clock.now()) ? { invite, state } : notFound();
}
