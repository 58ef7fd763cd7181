import type { SessionState } from "../../core/state.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { Stores } from "../../ports/stores.ts";
import { type Finding, finding } from "./finding.ts";
import { Fold } from "./fold.ts";
import { checkProjections, checkWithoutLog, projectionsOf } from "./projections.ts";
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
 * @throws StoreUnavailable
 */
export async function lookAtSession(sessionId: string, stores: Stores): Promise<SessionLook> {
  try {
    return await look(sessionId, stores);
  } catch (error) {
    if (!(error instanceof StoredDataDamaged)) throw error;
    const findings = [finding("session_unreadable", { sessionId }, `it cannot be looked over: ${error.message}`)];
    return { findings, state: undefined, records: 0, snapshots: 0, goodSnapshots: 0 };
  }
}

async function look(sessionId: string, stores: Stores): Promise<SessionLook> {
  const before = await projectionsOf(sessionId, stores);
  const fold = new Fold(sessionId, before.row);
  const walk = await Walk.along(sessionId, stores, fold);
  const after = await projectionsOf(sessionId, stores);
  const { records, snapshots, goodSnapshots } = walk;
  if (records === 0) {
    const findings = checkWithoutLog(sessionId, snapshots, after);
    return { findings, state: undefined, records, snapshots, goodSnapshots };
  }
  const state = walk.isCut ? undefined : fold.state;
  const findings = walk.wrongs.map(({ kind, pos, says, canMend = false }) =>
    finding(kind, { sessionId, pos }, says, canMend && state !== undefined),
  );
  if (walk.isCut) return { findings, state, records, snapshots, goodSnapshots };
  if (state === undefined) {
    const says = "neither the log nor a snapshot with the log after it gives the whole: it cannot be opened";
    findings.push(finding("not_restorable", { sessionId }, says));
  } else {
    findings.push(...checkProjections(sessionId, fold, before, after));
    if ((await stores.campaigns.find(state.campaignId)) === undefined) {
      const { campaignId } = state;
      findings.push(finding("campaign_missing", { sessionId, campaignId }, "its campaign does not exist"));
    }
  }
  return { findings, state, records, snapshots, goodSnapshots };
}
