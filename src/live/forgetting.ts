import { writeSnapshot } from "../core/snapshot.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { PositionTaken } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { isHostedElsewhere } from "./live-lease.ts";
import { nextRecord } from "./next-record.ts";
import type { OtherProcesses } from "./other-processes.ts";
import { type OnDamaged, type Restored, restore } from "./restore.ts";
import { projectionOfRestored } from "./row.ts";
import type { Turns } from "./turns.ts";

/** Whoever wrote the newest record may have it open, and not have claimed its lease yet. */
const JUST_WRITTEN_MS = 10_000;
/** Whoever hosted the session at its newest record, and saves content still, has been done with it for so long. */
const SETTLED_AFTER_MS = 3_600_000;

export interface ForgettingDeps {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly chance: Chance;
  /** of this life of this process */
  readonly processId: string;
  /** absent: nobody else opens sessions of this store */
  readonly others?: OtherProcesses;
  /** whether a session runs in this process, or is being opened or closed */
  readonly isHere: (sessionId: string) => boolean;
  /** of all that is restored in this process */
  readonly restores: Turns;
  readonly onDamaged: OnDamaged;
}

/**
 * What became of a session whose content is to be forgotten. `kept`: it has not ended, or not by then. `in_use`: somebody
 * hosts it, or opened it at the same time. `forgotten`: now. `gone`: it was already, and what lay about is cleared away;
 * `settled` if nobody can have left anything since.
 */
export type Forgetting = "kept" | "in_use" | "forgotten" | "gone" | "settled";

/**
 * Forgets the content of a session that ended at `endedBy` (ms since 1970) or before, without a room and without a word in
 * its audit trail: `opened`, which fences whoever still writes, and `forgotten` in one append, then a snapshot that has no
 * content, then everything before it. Wherever it is cut off, calling it again does the rest.
 * @throws StoreUnavailable | OutcomeUnknown | StoredDataDamaged
 */
export async function forgetContent(sessionId: string, endedBy: number, deps: ForgettingDeps): Promise<Forgetting> {
  const { stores, clock } = deps;
  if (await isHosted(sessionId, deps)) return "in_use";
  const restored = await deps.restores.take("in order", () => restore(sessionId, stores, deps.onDamaged));
  if (restored === undefined) return "kept";
  const { state, snapshotPos } = restored;
  if (state.status !== "ended" || state.endedAt === null || state.endedAt > endedBy) return "kept";
  const hasContent = state.entries.size > 0 || state.answers.size > 0;
  if (hasContent && !(await recordForgetting(restored, deps))) return "in_use";
  const { pos } = state;
  if (pos !== snapshotPos) await stores.snapshots.save({ sessionId, pos, ...writeSnapshot(state) });
  await stores.snapshots.dropBefore(sessionId, pos);
  await stores.log.trim(sessionId, pos);
  if (hasContent) return "forgotten";
  return clock.now() - state.lastAt >= SETTLED_AFTER_MS ? "settled" : "gone";
}

/** @returns whether it is recorded; not where somebody else has the session, or wrote to it meanwhile */
async function recordForgetting(restored: Restored, deps: ForgettingDeps): Promise<boolean> {
  const { state } = restored;
  const { stores, clock, chance, processId } = deps;
  const now = clock.now();
  if (Math.abs(now - state.lastAt) < JUST_WRITTEN_MS) return false;
  const epoch = state.epoch + 1;
  const opened = nextRecord(state, epoch, { kind: "opened", process: processId }, [], chance.id(), now);
  state.apply(opened);
  const forgotten = nextRecord(state, epoch, { kind: "forgotten" }, [], chance.id(), now);
  state.apply(forgotten);
  try {
    await stores.log.append([opened, forgotten], projectionOfRestored(state, restored));
    return true;
  } catch (error) {
    if (error instanceof PositionTaken) return false;
    throw error;
  }
}

/** Whether this process has the session, or another one that lives. */
async function isHosted(sessionId: string, deps: ForgettingDeps): Promise<boolean> {
  return deps.isHere(sessionId) || (await isHostedElsewhere(sessionId, deps));
}
