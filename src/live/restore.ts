import { AccessChanges } from "../core/access-list.ts";
import type { LogRecord } from "../core/record.ts";
import { sizeOfRecord } from "../core/record-size.ts";
import { readAnySnapshot } from "../core/snapshot.ts";
import { SessionState } from "../core/state.ts";
import { OutcomeUnknown, StoredDataDamaged, StoreUnavailable } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";

const PAGE = 500;
/** What stores tell by themselves. One that cannot be asked now, or has not answered, says nothing of what it holds. */
const TOLD = [StoredDataDamaged, StoreUnavailable, OutcomeUnknown] as const;

/** Told of a snapshot that could not be used, by name; the one before it is tried. */
export type OnDamaged = (problem: StoredDataDamaged) => void;

type Reading = Pick<Stores, "log" | "snapshots">;

/** What of a log lies behind a snapshot. */
export class LogTail {
  /** who may come in, as far as it says something new */
  readonly changes = new AccessChanges();
  /** about how much it is */
  bytes = 0;

  add(record: LogRecord): void {
    this.changes.add(record);
    this.bytes += sizeOfRecord(record);
  }
}

/** A session as it is stored. */
export interface Restored {
  readonly state: SessionState;
  /** the snapshot that it was read from: 0 for none */
  readonly snapshotPos: number;
  /** whether that was a former program's, which noted nothing of people and invites */
  readonly isFormer: boolean;
  readonly tail: LogTail;
}

/**
 * A session as stored: the newest valid snapshot, then the log after it.
 * @returns undefined where there is no such session
 * @throws StoredDataDamaged where no snapshot together with the log gives the whole; names the place
 */
export async function restore(sessionId: string, stores: Reading, onDamaged: OnDamaged): Promise<Restored | undefined> {
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
  stores: Reading,
  problems: StoredDataDamaged[],
): Promise<Restored | undefined> {
  for (const pos of positions) {
    try {
      const begun =
        pos === 0
          ? { state: new SessionState(sessionId), isFormer: false }
          : await loadSnapshot(sessionId, pos, stores.snapshots);
      if (begun === undefined) continue;
      const restored = { ...begun, snapshotPos: pos, tail: new LogTail() };
      await readOn(restored, stores);
      if (restored.state.pos > 0) return restored;
    } catch (error) {
      if (!(error instanceof StoredDataDamaged)) throw error;
      // Damage in the log is met again from every snapshot before it.
      if (error.message !== problems.at(-1)?.message) problems.push(error);
    }
  }
  return undefined;
}

/** Applies what the log holds after the state's position. @throws StoredDataDamaged */
export async function readOn({ state, tail }: Pick<Restored, "state" | "tail">, { log }: Reading): Promise<void> {
  for (;;) {
    const records = await log.read(state.sessionId, state.pos, PAGE);
    if (records.length === 0) return;
    for (const record of records) {
      try {
        state.apply(record);
        tail.add(record);
      } catch (error) {
        throw damaged(`log of session ${state.sessionId} at position ${record.pos}`, error);
      }
    }
  }
}

async function loadSnapshot(
  sessionId: string,
  pos: number,
  snapshots: Stores["snapshots"],
): Promise<Pick<Restored, "state" | "isFormer"> | undefined> {
  const place = `snapshot of session ${sessionId} at position ${pos}`;
  const stored = await snapshots.load(sessionId, pos).catch((error: unknown) => {
    if (TOLD.some((kind) => error instanceof kind)) throw error;
    // What is stored there is of another kind than what was saved. The message may quote it.
    throw new StoredDataDamaged(`${place} cannot be read`);
  });
  if (stored === undefined) return undefined;
  try {
    const read = readAnySnapshot(stored.text, stored.sha256);
    if (read.state.sessionId !== sessionId || read.state.pos !== pos) {
      throw new Error("it is another session's or position's");
    }
    return read;
  } catch (error) {
    throw damaged(place, error);
  }
}

function damaged(place: string, error: unknown): StoredDataDamaged {
  return new StoredDataDamaged(`${place}: ${error instanceof Error ? error.message : String(error)}`);
}
