import { isDeepStrictEqual } from "node:util";
import type { SessionState } from "../../core/state.ts";
import type { Stores } from "../../ports/stores.ts";
import { type Finding, finding } from "./finding.ts";
import { Fold } from "./fold.ts";
import {
  checkRow,
  checkWithoutLog,
  differingAccess,
  missingLookups,
  type Projections,
  projectionsOf,
  strayLookups,
} from "./projections.ts";
import { Walk } from "./walk.ts";

/** What one look at a session saw. */
export interface SessionLook {
  readonly findings: readonly Finding[];
  /** after the last record; undefined where neither the log nor a snapshot with the log after it gives one */
  readonly state: SessionState | undefined;
  readonly records: number;
  readonly snapshots: number;
  /** snapshots from which the session can be restored */
  readonly goodSnapshots: number;
}

/**
 * Looks a session over: its log from the first position to the last there is now, its snapshots, and what is projected
 * from them. Projections may be a moment behind where a host goes on meanwhile: who finds something looks again.
 * @throws what the store throws
 */
export async function lookAtSession(sessionId: string, stores: Stores): Promise<SessionLook> {
  const before = await projectionsOf(sessionId, stores);
  const fold = new Fold(sessionId, before.row);
  const walk = await Walk.along(sessionId, stores, fold);
  const beside = await lookBeside(sessionId, stores, walk, before);
  const state = walk.isCut || walk.records === 0 ? undefined : fold.state;
  const findings = walk.wrongs.map(({ kind, pos, says, canMend = false }) =>
    finding(kind, { sessionId, pos }, says, canMend && state !== undefined),
  );
  const { records, snapshots, goodSnapshots } = walk;
  return { findings: [...findings, ...beside], state, records, snapshots, goodSnapshots };
}

/** What is kept beside the log and the snapshots: does it follow from them? */
async function lookBeside(sessionId: string, stores: Stores, walk: Walk, before: Projections): Promise<Finding[]> {
  const { fold } = walk;
  const after = await projectionsOf(sessionId, stores);
  if (walk.records === 0) return checkWithoutLog(sessionId, walk.snapshots, after);
  // What is projected follows from records that are gone.
  if (walk.isCut) return [];
  if (walk.isUnsettled) {
    return [finding("unsettled", { sessionId }, "it changes faster than it can be looked over: look again later")];
  }
  if (fold.state === undefined) {
    const says = "neither the log nor a snapshot with the log after it give the whole: it cannot be opened";
    return [finding("not_restorable", { sessionId }, says)];
  }
  const missing = [...missingLookups(fold.state, after.access), ...differingAccess(fold.state, after.access)];
  const wasSo = fold.hasBeenAsRow && isDeepStrictEqual(before.row, after.row);
  fold.lookFor(after.row);
  // They may be of records that came since.
  if (!fold.hasBeenAsRow || strayLookups(fold.state, before.access).length > 0) await walk.toTheEnd();
  const { state } = fold;
  if (state === undefined) return [];
  const row = fold.hasBeenAsRow ? [] : [checkRow(state, after.row, wasSo)];
  const { campaignId } = state;
  const isOfCampaign = (await stores.campaigns.find(campaignId)) !== undefined;
  const campaign = finding("campaign_missing", { sessionId, campaignId }, "its campaign does not exist");
  return [...row, ...missing, ...strayLookups(state, before.access), ...(isOfCampaign ? [] : [campaign])];
}
