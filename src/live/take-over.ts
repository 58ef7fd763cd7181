import type { AuditNote, LogRecord } from "../core/record.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { PositionTaken } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { aliveUntil } from "./alive-until.ts";
import { ANSWER_TIMEOUT_MS } from "./append.ts";
import { JournalUnavailable } from "./journal.ts";
import { nextRecord } from "./next-record.ts";
import { note, SYSTEM } from "./notes.ts";
import { type Restored, readOn } from "./restore.ts";
import { projectionOfRestored } from "./row.ts";

/** How often a host tries for the next position before it says that the session is not to be had for now. */
const TRIES = 5;

export interface TakeOverDeps {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly chance: Chance;
  /** of this life of this process */
  readonly processId: string;
}

/**
 * A host's first act: `opened` at the next position, with the next epoch. Until it is stored nothing is shown. With it is
 * stored what follows from the log beside it: the host before may have gone between a record and its rows.
 * @returns the record, which the state has then
 * @throws JournalUnavailable | StoreUnavailable | OutcomeUnknown
 */
export async function takeOver(restored: Restored, deps: TakeOverDeps): Promise<LogRecord> {
  const { state } = restored;
  const { stores, clock, chance, processId } = deps;
  for (let tries = 1; ; tries++) {
    const notes: AuditNote[] = [];
    if (state.process !== null && state.process !== processId) {
      notes.push(note("host.changed", SYSTEM, clock.now(), { epoch: state.epoch + 1 }));
    }
    if (state.places.size > 0) {
      const until = new Date(await aliveUntil(state, stores.leases, clock.now())).toISOString();
      notes.push(note("session.restored", SYSTEM, clock.now(), { aliveUntil: until }));
    }
    const content = { kind: "opened", process: processId } as const;
    const record = nextRecord(state, state.epoch + 1, content, notes, chance.id(), clock.now());
    try {
      // `opened` changes nothing that is projected.
      await inTime(stores.log.append([record], projectionOfRestored(state, restored)), clock);
      state.apply(record);
      return record;
    } catch (error) {
      if (!(error instanceof PositionTaken)) throw error;
      if (tries === TRIES) throw new JournalUnavailable("others open this session at the same time");
      await readOn(restored, stores);
    }
  }
}

/** A store that hangs is not waited for: whoever opens the session next finds what became of it in the log. */
function inTime(answer: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new JournalUnavailable("the store has not answered"));
    const cancel = clock.after(ANSWER_TIMEOUT_MS, late);
    answer.then(resolve, reject).finally(cancel);
  });
}
