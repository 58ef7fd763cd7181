import { needsApproval } from "../../core/knocks.ts";
import { type Standing, standingOf } from "../../live/admission.ts";
import type { LiveSession } from "../../live/sessions.ts";
import type { MemberState } from "../../ports/campaigns.ts";

/** As whom somebody would come into the room now without bringing an invite, or why not. */
export function standingNow(
  { committed, clock }: LiveSession,
  userId: string,
  { member, removal }: MemberState,
): Standing | "banned" | "approval_needed" | "not_found" {
  const visitor = { userId, name: null, member, removal, inviteHash: undefined };
  const standing = standingOf(committed, visitor, clock.now());
  if (typeof standing === "string") return standing === "banned" ? standing : "not_found";
  const caller = { role: standing.role, hasPlace: committed.places.has(userId), removal };
  return needsApproval(committed, caller, committed.knocks.get(userId)) ? "approval_needed" : standing;
}
