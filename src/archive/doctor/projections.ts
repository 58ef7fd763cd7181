import { isDeepStrictEqual } from "node:util";
import { rowOf } from "../../live/row.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { Stores } from "../../ports/stores.ts";
import { type Finding, finding } from "./finding.ts";
import type { Fold } from "./fold.ts";

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

/**
 * Compares the projections with the state at the log's end.
 * @param before read before the log's end was known: what they hold, the log should have
 * @param after read after it: what the log has, they should hold, or will in a moment
 */
export function checkProjections(sessionId: string, fold: Fold, before: Projections, after: Projections): Finding[] {
  const { state } = fold;
  if (state === undefined) return [];
  const where = { sessionId };
  const found: Finding[] = [];
  const row = rowOf(state);
  if (after.row === undefined) {
    found.push(finding("row_missing", where, "it stands in no list, and nobody can open it: its row is missing", true));
  } else if (!isDeepStrictEqual(after.row, row)) {
    // Nobody opens an ended session, which would mend it.
    const isBehind = fold.hasBeenAsRow && state.status !== "ended";
    found.push(
      isBehind
        ? finding("row_behind", where, "lists show it as it was before; its next opening mends that", true)
        : finding("row_differs", where, `lists show it with another ${differenceOf(after.row, row)}`, true),
    );
  }
  const lookups = new Set(after.inviteHashes);
  const hashes = new Set<string>();
  for (const { id, tokenHash } of state.invites.values()) {
    hashes.add(tokenHash);
    if (!lookups.has(tokenHash)) {
      found.push(
        finding("lookup_missing", where, `the link of invite ${id} leads nowhere: its look-up is missing`, true),
      );
    }
  }
  for (const hash of before.inviteHashes) {
    if (!hashes.has(hash)) found.push(lookupOfNobody(sessionId, hash));
  }
  return found;
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
