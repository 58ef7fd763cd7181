import type { SessionState } from "../core/state.ts";
import type { SessionRow } from "../ports/sessions.ts";

/** A session's row for lists, as its state says. */
export function rowOf(state: SessionState): SessionRow {
  const { sessionId, campaignId, title, status, maxParticipants, settings } = state;
  const { createdBy, createdAt, startedAt, endedAt } = state;
  return { sessionId, campaignId, title, status, maxParticipants, settings, createdBy, createdAt, startedAt, endedAt };
}
