import type { PersonPresence } from "../core/person.ts";
import type { Actor, Invite, Settings } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import type { Step } from "../core/status.ts";
import type { Campaign, SessionRefused } from "../ports/campaigns.ts";
import type { Clock } from "../ports/clock.ts";
import type { InviteTerms } from "./invites.ts";
import type { MemberChanges } from "./member-changes.ts";
import type { SessionObserver } from "./observer.ts";
import type { SessionDoor } from "./stored-sessions.ts";
import type { Update } from "./update.ts";
import type { WaitingRoom } from "./waiting-room.ts";

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
  ): Promise<SessionState | SessionRefused>;
  /** The committed state: of the running session, or restored for reading without opening it; undefined where there is none. */
  read(sessionId: string): Promise<SessionState | undefined>;
  /**
   * What says whether somebody may know of a session and come in, without its content. Undefined where there is none;
   * it takes as long then.
   * @param inviteHash SHA-256 (hex) of the invite that they bring
   */
  door(sessionId: string, userId: string, inviteHash?: string): Promise<SessionDoor | undefined>;
  /** The invites of a session, in the order in which they were made. */
  invitesOf(sessionId: string): Promise<readonly Invite[]>;
  /** People online or idle now; 0 where it does not run. */
  online(sessionId: string): number;
  /** Opens it (without a room) if it does not run. */
  open(sessionId: string): Promise<LiveSession>;
  /** what it was told of campaigns' members just now */
  readonly memberChanges: Pick<MemberChanges, "count" | "applied" | "appliedTo">;
  /** Tells the running sessions of the campaign that somebody's membership changed. */
  memberChanged(campaign: Campaign, userId: string, by: Actor): Promise<void>;
}

export interface LiveSession {
  readonly committed: SessionState;
  /** false once it closes: whoever observes it is told no more */
  readonly open: boolean;
  /** for whoever shows it: what throws in a timer of this clock breaks this session alone */
  readonly clock: Clock;
  /** how people with a place are there */
  readonly presence: { of(userId: string): PersonPresence | undefined };
  /** @returns how to stop observing */
  observe(observer: SessionObserver): () => void;
  /** Somebody opened a stream: it is audited, and GMs see it. @returns to be called once, when it ends */
  streamOpened(person: Pick<Actor, "userId" | "via">): () => void;
  step(step: Step, by: Actor, reason: string): Promise<"done" | "unchanged" | "invalid_transition">;
  /** An empty change is no event. */
  update(update: Update, by: Actor): Promise<"done" | "session_ended">;
  createInvite(
    terms: InviteTerms,
    by: Actor,
  ): Promise<{ readonly invite: Invite; readonly token: string } | "session_ended" | "limit_reached">;
  revokeInvite(inviteId: string, by: Actor, disconnect: boolean): Promise<"done" | "not_found">;
  remove(
    userId: string,
    by: Actor,
    options: { readonly ban: boolean; readonly reason: string },
  ): Promise<"done" | "limit_reached">;
  unban(userId: string, by: Actor): Promise<"done">;
  readonly waitingRoom: Pick<WaitingRoom, "knock" | "answer" | "listed" | "hold">;
}
