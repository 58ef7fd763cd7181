import { isDeepStrictEqual } from "node:util";
import type { SessionState } from "../../core/state.ts";
import { rowOf } from "../../live/row.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { Stores } from "../../ports/stores.ts";
import { type Finding, finding } from "./finding.ts";

/** What is kept of a session beside its log and its snapshots, and follows from them. */
export interface Projections {
  readonly row: SessionRow | undefined;
  readonly inviteHashes: readonly string[];
  readonly hasLease: boolean;
}

export async function projectionsOf(
  sessionId: string,
  { sessions, archive, leases }: Pick<Stores, "sessions" | "archive" | "leases">,
): Promise<Projections> {
  const [row, inviteHashes, lease] = await Promise.all([
    sessions.find(sessionId),
    archive.inviteHashes(sessionId),
    leases.find(sessionId),
  ]);
  return { row, inviteHashes, hasLease: lease !== undefined };
}

/** What is wrong with a row that is not `state`'s. @param wasSo whether it was at some time */
export function checkRow(state: SessionState, row: SessionRow | undefined, wasSo: boolean): Finding {
  const where = { sessionId: state.sessionId };
  if (row === undefined) {
    return finding("row_missing", where, "it stands in no list, and nobody can open it: its row is missing", true);
  }
  // Nobody opens an ended session, which would mend it.
  return wasSo && state.status !== "ended"
    ? finding("row_behind", where, "lists show it as it was before; its next opening mends that", true)
    : finding("row_differs", where, `lists show it with another ${differenceOf(row, rowOf(state))}`, true);
}

/** Invites of a state whose links lead nowhere. @param lookups read after it: a look-up is stored before its record */
export function missingLookups({ sessionId, invites }: SessionState, lookups: readonly string[]): Finding[] {
  const there = new Set(lookups);
  return [...invites.values()]
    .filter(({ tokenHash }) => !there.has(tokenHash))
    .map(({ id }) => {
      const says = `the link of invite ${id} leads nowhere: its look-up is missing`;
      return finding("lookup_missing", { sessionId }, says, true);
    });
}

/** Look-ups that are no invite's of a state. @param lookups read before it: their records follow them */
export function strayLookups({ sessionId, invites }: SessionState, lookups: readonly string[]): Finding[] {
  const known = new Set(Array.from(invites.values(), ({ tokenHash }) => tokenHash));
  return lookups.filter((hash) => !known.has(hash)).map((hash) => lookupOfNobody(sessionId, hash));
}

/** Of a session without a log: a lease or look-ups are left over, but a row or a snapshot tells that something is lost. */
export function checkWithoutLog(sessionId: string, snapshots: number, { row, inviteHashes, hasLease }: Projections) {
  const where = { sessionId };
  if (row !== undefined || snapshots > 0) {
    const kept = [...(row === undefined ? [] : ["a row"]), ...(snapshots === 0 ? [] : ["snapshots"])];
    return [finding("log_missing", where, `there is ${kept.join(" and ")} of it, but no log`)];
  }
  const found = inviteHashes.map((hash) => lookupOfNobody(sessionId, hash));
  if (hasLease) found.push(finding("lease_of_nobody", where, "there is a lease of it, but no session", true));
  return found;
}

function lookupOfNobody(sessionId: string, hash: string): Finding {
  const says = `a look-up (${hash.slice(0, 8)}…) leads to it and belongs to none of its invites`;
  return finding("lookup_of_nobody", { sessionId }, says, true);
}

/** The names of the fields that differ; what they hold is nobody's business here. */
function differenceOf(one: SessionRow, other: SessionRow): string {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof SessionRow>;
  return [...names].filter((name) => !isDeepStrictEqual(one[name], other[name])).join(", ");
}
