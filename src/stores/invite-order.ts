import type { Invite } from "../core/session.ts";

/** Invites in the order in which they were made; those of one moment by their ids. */
export function inOrder(a: Invite, b: Invite): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
