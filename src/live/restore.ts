import { readSnapshot } from "../core/snapshot.ts";
import { SessionState } from "../core/state.ts";
import { OutcomeUnknown, StoredDataDamaged, StoreUnavailable } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";

const PAGE = 500;
/** What stores tell by themselves. One that cannot be asked now, or has not answered, says nothing of what it holds. */
const TOLD = [StoredDataDamaged, StoreUnavailable, OutcomeUnknown] as const;

/** Told of a snapshot that could not be used, by name; the one before it is tried. */
export type OnDamaged = (problem: StoredDataDamaged) => void;

/**
 * A session as stored: the newest valid snapshot, then the log after it.
 * @returns the state, and the position of the snapshot it was read from, 0 for none; undefined where there is no such session
 * @throws StoredDataDamaged where no snapshot together with the log gives the whole; names the place
 */
export async function restore(
  sessionId: string,
  stores: Stores,
  onDamaged: OnDamaged,
): Promise<{ readonly state: SessionState; readonly snapshotPos: number } | undefined> {
  for (;;) {
    const positions = await stores.snapshots.positions(sessionId);
    const problems: StoredDataDamaged[] = [];
    const restored = await restoreFrom([...positions, 0], sessionId, stores, problems);
    if (restored !== undefined && problems.length === 0) return restored;
    // Somebody else's newer snapshot, and the trim that followed it, may have come in between: then nothing is damaged.
    const isOutdated = (await stores.snapshots.positions(sessionId))[0] !== positions[0];
    if (restored === undefined && isOutdated) continue;
    if (!isOutdated) problems.forEach(onDamaged);
    const damage = problems.at(-1);
    if (restored === undefined && damage !== undefined) throw damage;
    return restored;
  }
}

/** @param problems takes what could not be used */
async function restoreFrom(
  positions: readonly number[],
  sessionId: string,
  stores: Stores,
  problems: StoredDataDamaged[],
): Promise<{ readonly state: SessionState; readonly snapshotPos: number } | undefined> {
  for (const pos of positions) {
    try {
      const state = pos === 0 ? new SessionState(sessionId) : await loadSnapshot(sessionId, pos, stores);
      if (state === undefined) continue;
      await readOn(state, stores);
      if (state.pos > 0) return { state, snapshotPos: pos };
    } catch (error) {
      if (!(error instanceof StoredDataDamaged)) throw error;
      // Damage in the log is met again from every snapshot before it.
      if (error.message !== problems.at(-1)?.message) problems.push(error);
    }
  }
  return undefined;
}

/** Applies what the log holds after the state's position. @throws StoredDataDamaged */
export async function readOn(state: SessionState, stores: Stores): Promise<void> {
  for (;;) {
    const records = await stores.log.read(state.sessionId, state.pos, PAGE);
    if (records.length === 0) return;
    for (const record of records) {
      try {
        state.apply(record);
      } catch (error) {
        throw damaged(`log of session ${state.sessionId} at position ${record.pos}`, error);
      }
    }
  }
}

async function loadSnapshot(sessionId: string, pos: number, stores: Stores): Promise<SessionState | undefined> {
  const place = `snapshot of session ${sessionId} at position ${pos}`;
  const stored = await stores.snapshots.load(sessionId, pos).catch((error: unknown) => {
    if (TOLD.some((kind) => error instanceof kind)) throw error;
    // What is stored there is of another kind than what was saved. The message may quote it.
    throw new StoredDataDamaged(`${place} cannot be read`);
  });
  if (stored === undefined) return undefined;
  try {
    const state = readSnapshot(stored.text, stored.sha256);
    if (state.sessionId !== sessionId || state.pos !== pos) throw new Error("it is another session's or position's");
    return state;
  } catch (error) {
    throw damaged(place, error);
  }
}

function damaged(place: string, error: unknown): StoredDataDamaged {
  return new StoredDataDamaged(`${place}: ${error instanceof Error ? error.message : String(error)}`);
}
