import { writeSnapshot } from "../../core/snapshot.ts";
import { liveLease } from "../../live/live-lease.ts";
import { accessRowsOf, rowOf } from "../../live/row.ts";
import type { Stores } from "../../ports/stores.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { SessionLook } from "./session-look.ts";
import { type LookDeps, lookUntilSure } from "./store-look.ts";

const SNAPSHOTS: ReadonlySet<FindingKind> = new Set(["snapshot_partial", "snapshot_damaged", "snapshot_differs"]);
const PROJECTIONS: ReadonlySet<FindingKind> = new Set([
  "row_missing",
  "row_behind",
  "row_differs",
  "lookup_missing",
  "lookup_of_nobody",
  "people_missing",
  "person_differs",
  "invite_differs",
]);

/** What was mended, in words, and what is wrong still. */
export interface Mended {
  readonly did: readonly string[];
  readonly left: readonly Finding[];
}

/**
 * Mends what of a session follows from its log: drops snapshots that are of no use, writes its projections anew, takes
 * away what belongs to no session. Never touches the log, and nothing that is the last way to a state.
 * @returns undefined where a live process hosts it: nothing was done
 * @throws StoreUnavailable | OutcomeUnknown
 */
export async function mendSession(sessionId: string, deps: Omit<LookDeps, "onProgress">): Promise<Mended | undefined> {
  const { stores, now } = deps;
  const look = await lookUntilSure(sessionId, deps);
  if ((await liveLease(sessionId, stores.leases, now())) !== undefined) return undefined;
  const toMend = look.findings.filter(({ canMend }) => canMend);
  const did = [
    ...(await mendSnapshots(sessionId, look, toMend, stores)),
    ...(await mendProjections(sessionId, look, toMend, stores)),
    ...(await mendLease(sessionId, toMend, stores)),
  ];
  return { did, left: did.length === 0 ? look.findings : (await lookUntilSure(sessionId, deps)).findings };
}

async function mendSnapshots(
  sessionId: string,
  { state, goodSnapshots }: SessionLook,
  toMend: readonly Finding[],
  { snapshots, archive }: Stores,
): Promise<string[]> {
  const positions = toMend.flatMap(({ kind, pos }) => (SNAPSHOTS.has(kind) && pos !== null ? [pos] : []));
  if (positions.length === 0 || state === undefined) return [];
  const did: string[] = [];
  // The new one before the old ones go: whatever happens in between, there is no less than there was. It takes the
  // place of one at its own position.
  if (goodSnapshots === 0) {
    await snapshots.save({ sessionId, pos: state.pos, ...writeSnapshot(state) });
    did.push(`saved a snapshot at ${state.pos}`);
  }
  for (const pos of positions) {
    if (goodSnapshots === 0 && pos === state.pos) continue;
    await archive.dropSnapshot(sessionId, pos);
    did.push(`dropped the snapshot at ${pos}`);
  }
  return did;
}

async function mendProjections(
  sessionId: string,
  { state }: SessionLook,
  toMend: readonly Finding[],
  { archive }: Stores,
): Promise<string[]> {
  const wrong = toMend.filter(({ kind }) => PROJECTIONS.has(kind));
  if (wrong.length === 0) return [];
  if (state === undefined) {
    await archive.project(sessionId, null, { people: [], invites: [] }, 0);
    return ["took away what was noted of its people, and the look-ups that led to it"];
  }
  await archive.project(sessionId, rowOf(state), accessRowsOf(state), state.pos);
  return ["wrote its row, its people and its look-ups anew"];
}

async function mendLease(sessionId: string, toMend: readonly Finding[], { leases }: Stores): Promise<string[]> {
  if (!toMend.some(({ kind }) => kind === "lease_of_nobody")) return [];
  const lease = await leases.find(sessionId);
  if (lease === undefined) return [];
  await leases.release(sessionId, lease.epoch);
  return ["took away its lease"];
}
