import type { Invite } from "../api/shapes.ts";

export type InviteState = "good" | "revoked" | "expired" | "used up";

/** Whether an invite still admits somebody new. */
export function inviteState({ revokedAt, expiresAt, uses, maxUses }: Invite, nowMs: number): InviteState {
  if (revokedAt !== null) return "revoked";
  if (Date.parse(expiresAt) <= nowMs) return "expired";
  return uses >= maxUses ? "used up" : "good";
}
