import type { AuditEvent } from "../api/shapes.ts";

/** Somebody who cannot come back. */
export interface BannedPerson {
  readonly userId: string;
  readonly name: string;
}

/** Who is banned now, by what the audit trail says, in the order of the bans. */
export function bannedIn(events: Iterable<Pick<AuditEvent, "kind" | "actor" | "data">>): readonly BannedPerson[] {
  const names = new Map<string, string>();
  const banned = new Set<string>();
  for (const { kind, actor, data } of events) {
    const { userId, name } = data;
    if (kind === "participant.joined" && actor.userId !== null && typeof name === "string")
      names.set(actor.userId, name);
    if (typeof userId !== "string") continue;
    if (kind === "participant.banned") banned.add(userId);
    if (kind === "participant.unbanned") banned.delete(userId);
  }
  return [...banned].map((userId) => ({ userId, name: names.get(userId) ?? userId }));
}
