import type { AccessRows } from "../../ports/sessions.ts";
import type { MemoryBacking } from "./backing.ts";

/** Notes people and invites as they are after the record at `pos`. What was noted of that one or of a later record stays. */
export function putAccess({ people, invites }: MemoryBacking, sessionId: string, rows: AccessRows, pos: number): void {
  const known = people.get(sessionId) ?? new Map();
  people.set(sessionId, known);
  for (const { userId, ...facts } of rows.people) {
    if ((known.get(userId)?.pos ?? 0) < pos) known.set(userId, { pos, facts: structuredClone(facts) });
  }
  for (const invite of rows.invites) {
    const stored = invites.get(invite.tokenHash);
    const isOlder = stored === undefined || stored.pos < pos;
    if (isOlder) invites.set(invite.tokenHash, { sessionId, pos, invite: structuredClone(invite) });
  }
}

/** Takes away all that is noted of a session's people and invites. */
export function dropAccess({ people, invites, learned }: MemoryBacking, sessionId: string): void {
  people.delete(sessionId);
  learned.delete(sessionId);
  for (const [hash, { sessionId: to }] of invites) if (to === sessionId) invites.delete(hash);
}
