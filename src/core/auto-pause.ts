import type { SessionState } from "./state.ts";
import { isPausedByServer } from "./status.ts";

/** A step that the server takes by itself (contract section 3). */
export type OwnStep = { readonly name: "pause"; readonly afterMs: number } | { readonly name: "resume" };

/** A GM who has a place has so long after an opening to be back before the session is paused. */
export const GM_RETURNS_WITHIN_MS = 10_000;

/**
 * What the server does about a session as it stands: pauses play that has been without a GM for `afterMs`, resumes its own pause
 * when a GM is back, or nothing.
 * @param hasGm whether a GM is online or idle
 */
export function ownStep(
  state: Pick<SessionState, "status" | "statusBy" | "settings">,
  hasGm: boolean,
): OwnStep | undefined {
  const afterMs = state.settings.autoPauseWhenNoGm * 1_000;
  if (state.status === "live" && afterMs > 0 && !hasGm) return { name: "pause", afterMs };
  if (isPausedByServer(state) && hasGm) return { name: "resume" };
  return undefined;
}

/**
 * How long it is until a session that is read from the store, in which nobody is yet, is to be paused. Its state tells how long it has
 * been without a GM.
 * @param aliveUntil up to when its last host is known to have been there; like `now` in ms since 1970
 * @returns undefined where it is not to be
 */
export function pauseAfterOpeningMs(state: SessionState, now: number, aliveUntil: number): number | undefined {
  const step = ownStep(state, false);
  if (step?.name !== "pause") return undefined;
  const passedMs = Math.max(0, now - withoutGmSince(state, aliveUntil));
  const isGmExpected = [...state.places.values()].some(({ role }) => role === "gm");
  const atLeastMs = isGmExpected ? Math.min(step.afterMs, GM_RETURNS_WITHIN_MS) : 0;
  return Math.max(step.afterMs - passedMs, atLeastMs);
}

/** When the last GM was there, or the session got its status, whichever is later; in ms since 1970. */
function withoutGmSince(state: SessionState, aliveUntil: number): number {
  let since = state.statusSince;
  for (const { role, onlineSince, lastSeenAt } of state.attendance.values()) {
    // Of somebody whose going was not recorded, the host's last sign is theirs.
    if (role === "gm") since = Math.max(since, onlineSince === null ? lastSeenAt : aliveUntil);
  }
  return since;
}
