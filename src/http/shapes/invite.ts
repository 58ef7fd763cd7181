import { z } from "zod";
import type { Invite } from "../../core/session.ts";
import { Count, Id, InviteRoleName, iso, StatusName, Time, UserId } from "./fields.ts";

const fields = {
  id: Id,
  sessionId: Id,
  role: InviteRoleName,
  label: z.string().nullable(),
  maxUses: Count,
  uses: Count,
  expiresAt: Time,
  revokedAt: Time.nullable(),
  createdAt: Time,
  createdBy: UserId,
};

export const InviteShape = z.strictObject(fields).meta({ id: "Invite" });

export const NewInviteShape = z
  .strictObject({ ...fields, token: Id.meta({ description: "shown this once only" }), url: z.url() })
  .meta({ id: "NewInvite" });

export const InvitePreviewShape = z
  .strictObject({
    sessionId: Id,
    campaignName: z.string(),
    sessionTitle: z.string(),
    status: StatusName,
    role: InviteRoleName,
    expiresAt: Time,
    usesLeft: Count,
  })
  .meta({ id: "InvitePreview" });

export function showInvite(sessionId: string, invite: Invite): z.output<typeof InviteShape> {
  const { id, role, label, maxUses, uses, expiresAt, revokedAt, createdAt, createdBy } = invite;
  return {
    id,
    sessionId,
    role,
    label,
    maxUses,
    uses,
    expiresAt: iso(expiresAt),
    revokedAt: iso(revokedAt),
    createdAt: iso(createdAt),
    createdBy,
  };
}
