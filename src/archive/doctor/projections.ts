import { isDeepStrictEqual } from "node:util";
import { factsOf, NOTHING_KNOWN, peopleOf } from "../../core/access-list.ts";
import type { SessionState } from "../../core/state.ts";
import { rowOf } from "../../live/row.ts";
import type { KeptAccess } from "../../ports/archive.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { Stores } from "../../ports/stores.ts";
import { type Finding, finding } from "./finding.ts";

/** What is kept of a session beside its log and its snapshots, and follows from them. */
export interface Projections {
  readonly row: SessionRow | undefined;
  readonly access: KeptAccess;
  readonly hasLease: boolean;
}

export async function projectionsOf(
  sessionId: string,
  { sessions, archive, leases }: Pick<Stores, "sessions" | "archive" | "leases">,
): Promise<Projections> {
  const [row, access, lease] = await Promise.all([
    sessions.find(sessionId),
    archive.access(sessionId),
    leases.find(sessionId),
  ]);
  return { row, access, hasLease: lease !== undefined };
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
export function missingLookups({ sessionId, invites }: SessionState, { lookups }: KeptAccess): Finding[] {
  const there = new Set(lookups.map(({ tokenHash }) => tokenHash));
  return [...invites.values()]
    .filter(({ tokenHash }) => !there.has(tokenHash))
    .map(({ id }) => {
      const says = `the link of invite ${id} leads nowhere: its look-up is missing`;
      return finding("lookup_missing", { sessionId }, says, true);
    });
}

/** Look-ups that are no invite's of a state. @param access read before it: what comes later is told later */
export function strayLookups({ sessionId, invites }: SessionState, { lookups }: KeptAccess): Finding[] {
  const known = new Set(Array.from(invites.values(), ({ tokenHash }) => tokenHash));
  return lookups
    .filter(({ tokenHash }) => !known.has(tokenHash))
    .map(({ tokenHash }) => lookupOfNobody(sessionId, tokenHash));
}

/**
 * People and invites of whom something else is noted than a state says. What is noted of a later record is left alone.
 * @param access read after it: nothing in it may be older
 */
export function differingAccess(state: SessionState, { isLearned, people, lookups }: KeptAccess): Finding[] {
  const where = { sessionId: state.sessionId };
  if (!isLearned) {
    return [finding("people_missing", where, "nothing is noted of its people; a server that starts does that", true)];
  }
  const found: Finding[] = [];
  const noted = new Map(people.map(({ userId, pos, ...facts }) => [userId, { pos, facts }]));
  for (const userId of new Set([...peopleOf(state), ...noted.keys()])) {
    const { pos, facts } = noted.get(userId) ?? { pos: 0, facts: NOTHING_KNOWN };
    const now = state.status === "ended" ? { ...facts, hasPlace: false, knock: null } : facts;
    if (pos > state.pos || isDeepStrictEqual(now, factsOf(state, userId))) continue;
    found.push(finding("person_differs", where, `what is noted of ${userId} is not what its log says`, true));
  }
  const invites = new Map(lookups.map((lookup) => [lookup.tokenHash, lookup]));
  for (const invite of state.invites.values()) {
    const lookup = invites.get(invite.tokenHash);
    if (lookup === undefined || lookup.pos > state.pos || isDeepStrictEqual(lookup.invite, invite)) continue;
    found.push(finding("invite_differs", where, `what is noted of invite ${invite.id} is not what its log says`, true));
  }
  return found;
}

/** Of a session without a log: a lease or look-ups are left over, but a row or a snapshot tells that something is lost. */
export function checkWithoutLog(sessionId: string, snapshots: number, { row, access, hasLease }: Projections) {
  const where = { sessionId };
  if (row !== undefined || snapshots > 0) {
    const kept = [...(row === undefined ? [] : ["a row"]), ...(snapshots === 0 ? [] : ["snapshots"])];
    return [finding("log_missing", where, `there is ${kept.join(" and ")} of it, but no log`)];
  }
  const found = access.lookups.map(({ tokenHash }) => lookupOfNobody(sessionId, tokenHash));
  if (access.people.length > 0) {
    found.push(finding("person_differs", where, "there are people of it, but no session", true));
  }
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
