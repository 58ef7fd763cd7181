import type { Actor, Invite, InviteRole, Settings } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import type { Step } from "../core/status.ts";
import type { Campaign } from "../ports/campaigns.ts";

/**
 * Everything HTTP may do to sessions, hosted here or opened for it. Methods throw `JournalUnavailable` when it is not
 * known to be recorded.
 */
export interface RunningSessions {
  create(
    input: {
      readonly campaignId: string;
      readonly title: string;
      readonly maxParticipants: number;
      readonly settings: Settings;
      readonly continued?: readonly (readonly [path: string, value: string, by: string])[];
    },
    creator: Actor,
  ): Promise<SessionState>;
  /** The committed state: of the running session, or restored for reading without opening it; undefined where there is none. */
  read(sessionId: string): Promise<SessionState | undefined>;
  /** People online or idle now; 0 where it does not run. */
  online(sessionId: string): number;
  /** Opens it (without a room) if it does not run. */
  open(sessionId: string): Promise<LiveSession>;
  /** Tells the running sessions of the campaign that somebody's membership changed. */
  memberChanged(campaign: Campaign, userId: string, by: Actor): Promise<void>;
}

export interface LiveSession {
  readonly committed: SessionState;
  step(step: Step, by: Actor, reason: string): Promise<"done" | "unchanged" | "invalid_transition">;
  /** An empty change is no event. */
  update(
    change: { readonly title?: string; readonly maxParticipants?: number; readonly settings?: Partial<Settings> },
    by: Actor,
  ): Promise<"done" | "session_ended">;
  createInvite(
    input: {
      readonly role: InviteRole;
      readonly maxUses: number;
      readonly expiresAt: number;
      readonly label: string | null;
    },
    by: Actor,
  ): Promise<{ readonly invite: Invite; readonly token: string } | "session_ended">;
  revokeInvite(inviteId: string, by: Actor, disconnect: boolean): Promise<"done" | "not_found">;
  remove(userId: string, by: Actor, options: { readonly ban: boolean; readonly reason: string }): Promise<"done">;
  unban(userId: string, by: Actor): Promise<"done">;
}
