import type { AuditActor, AuditKind, AuditNote } from "../core/record.ts";
import type { Via } from "../core/session.ts";

/** The server itself, as the one who acts. */
export const SYSTEM: AuditActor = { userId: null, via: "system" };

/** What happened, for the audit trail. @param at ms since 1970 */
export function note(
  kind: AuditKind,
  actor: { readonly userId: string | null; readonly via: Via },
  at: number,
  data: AuditNote["data"] = {},
): AuditNote {
  return { kind, at, actor: { userId: actor.userId, via: actor.via }, data };
}
