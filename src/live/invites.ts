import { MAX_GOOD_INVITES, MAX_INVITES } from "../core/ceilings.ts";
import { inviteHash } from "../core/invite-hash.ts";
import type { Actor, Invite, InviteRole } from "../core/session.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";

/** What whoever invites says of an invite. */
export interface InviteTerms {
  readonly role: InviteRole;
  readonly maxUses: number;
  /** ms since 1970 */
  readonly expiresAt: number;
  readonly label: string | null;
  /** members that the campaign has taken out so far; left out, it counts as older than every removal */
  readonly removalsBefore?: number;
}

/** @returns with the token, which is told this once and kept as its hash alone @throws JournalUnavailable */
export async function createInvite(
  journal: Journal,
  clock: Clock,
  chance: Chance,
  terms: InviteTerms,
  by: Actor,
): Promise<{ readonly invite: Invite; readonly token: string } | "session_ended" | "limit_reached"> {
  const { status, invites } = journal.head;
  const now = clock.now();
  const isFull = invites.size >= MAX_INVITES || goodAmong(invites.values(), now) >= MAX_GOOD_INVITES;
  if (status === "ended" || isFull) {
    await journal.stored();
    return status === "ended" ? "session_ended" : "limit_reached";
  }
  const token = chance.token();
  const tokenHash = inviteHash(token);
  const id = chance.id();
  const { role, maxUses, expiresAt, label, removalsBefore = 0 } = terms;
  const invite: Invite = {
    id,
    role,
    label,
    maxUses,
    uses: 0,
    expiresAt,
    revokedAt: null,
    createdAt: now,
    createdBy: by.userId,
    removalsBefore,
    tokenHash,
  };
  const data = { inviteId: id, role, maxUses, expiresAt: new Date(expiresAt).toISOString() };
  await journal.propose({ kind: "invite", change: { what: "created", invite } }, [
    note("invite.created", by, now, data),
  ]);
  return { invite, token };
}

/** How many invites still admit somebody who has used none. */
function goodAmong(invites: Iterable<Invite>, now: number): number {
  let good = 0;
  for (const { revokedAt, expiresAt, uses, maxUses } of invites) {
    if (revokedAt === null && expiresAt > now && uses < maxUses) good += 1;
  }
  return good;
}

/** Of one that is revoked already: nothing, once that is stored. @throws JournalUnavailable */
export async function revokeInvite(
  journal: Journal,
  clock: Clock,
  inviteId: string,
  by: Actor,
): Promise<"done" | "not_found"> {
  const invite = journal.head.invites.get(inviteId);
  if (invite === undefined) return "not_found";
  if (invite.revokedAt === null) {
    await journal.propose({ kind: "invite", change: { what: "revoked", inviteId } }, [
      note("invite.revoked", by, clock.now(), { inviteId }),
    ]);
  } else {
    await journal.stored();
  }
  return "done";
}
