import { firstBroken } from "./audit-chain.ts";
import type { History } from "./history.ts";

/**
 * What must hold of the people of a history: each kept role and `joinedAt`, saw what the server says its state is, and
 * joined once by the audit trail, whose chain is whole.
 * @returns the problems, in words
 */
export function problemsOfPeople({ places, digests, trails }: History): string[] {
  const problems: string[] = [];
  const firstPlaces = new Map<string, (typeof places)[number]>();
  for (const place of places) {
    const { userId, label, role, joinedAt } = place;
    const first = firstPlaces.get(userId) ?? place;
    firstPlaces.set(userId, first);
    if (role !== first.role || joinedAt !== first.joinedAt) {
      problems.push(
        `${label}: ${userId} is ${role} since ${joinedAt}, and was ${first.role} since ${first.joinedAt} (${first.label})`,
      );
    }
  }
  for (const { viewer, seq, seenSeq, told, computed } of digests) {
    if (seq !== seenSeq) problems.push(`${viewer} is at seq ${seenSeq} where the server is at ${seq}`);
    for (const part of ["entries", "hidden"] as const) {
      if (told[part] !== computed[part]) {
        problems.push(`${viewer} computes the digest ${computed[part]} of ${part}, the server ${told[part]}`);
      }
    }
    if (told.inState !== told.entries) problems.push(`the digest in ${viewer}'s state is ${told.inState}`);
  }
  for (const { label, verdict, events } of trails) {
    const broken = firstBroken(events);
    if (broken !== null) problems.push(`${label}: the audit chain breaks at ${broken}`);
    if (!verdict.valid || verdict.firstBrokenAt !== null) {
      problems.push(`${label}: the server finds its audit chain broken at ${verdict.firstBrokenAt}`);
    }
    if (verdict.count !== events.length || verdict.head !== events.at(-1)?.hash) {
      problems.push(`${label}: the server verified ${verdict.count} events, and shows ${events.length}`);
    }
    const joined = events.filter(({ kind }) => kind === "participant.joined").map(({ actor }) => actor.userId);
    for (const userId of firstPlaces.keys()) {
      const times = joined.filter((one) => one === userId).length;
      if (times !== 1) problems.push(`${label}: ${userId} joined ${times} times`);
    }
  }
  return problems;
}
