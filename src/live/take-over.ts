import type { AuditNote, LogRecord } from "../core/record.ts";
import type { SessionState } from "../core/state.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { PositionTaken } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { aliveUntil } from "./alive-until.ts";
import { ANSWER_TIMEOUT_MS } from "./append.ts";
import type { Handover } from "./handover.ts";
import { JournalUnavailable } from "./journal.ts";
import { nextRecord } from "./next-record.ts";
import { note, SYSTEM } from "./notes.ts";
import { HostedElsewhere, type OtherProcesses } from "./other-processes.ts";
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
  /** absent: nobody else opens sessions of this store */
  readonly others?: OtherProcesses;
  /** its host lives, and has asked this process to open it */
  readonly handover?: Handover;
}

/**
 * A host's first act: `opened` at the next position, with the next epoch. Until it is stored nothing is shown. With it is
 * stored what follows from the log beside it: the host before may have gone between a record and its rows. The lease is
 * claimed before, so that of two processes one gives way; should both go on, the log has one of them.
 * @returns the record, which the state has then
 * @throws HostedElsewhere | JournalUnavailable | StoreUnavailable | OutcomeUnknown
 */
export async function takeOver(restored: Restored, deps: TakeOverDeps): Promise<LogRecord> {
  const { state } = restored;
  const { stores } = deps;
  let epoch = 0;
  try {
    for (let tries = 1; ; tries++) {
      epoch = await claim(state, deps);
      try {
        return await append(restored, epoch, deps);
      } catch (error) {
        if (!(error instanceof PositionTaken)) throw error;
        if (tries === TRIES) throw new JournalUnavailable("others open this session at the same time");
        await readOn(restored, stores);
      }
    }
  } catch (error) {
    if (epoch > 0) await stores.leases.release(state.sessionId, epoch).catch(() => undefined);
    throw error;
  }
}

/** Before a session is opened that another process had: a living one keeps it. @throws HostedElsewhere | StoreUnavailable */
async function leaveToOthers(sessionId: string, { others, stores, processId, handover }: TakeOverDeps): Promise<void> {
  if (others === undefined) return;
  const lease = await stores.leases.find(sessionId);
  if (lease === undefined || lease.processId === processId || lease.processId === handover?.from) return;
  if (await others.isThere(lease.processId)) throw new HostedElsewhere(lease.processId);
  await others.takeForDead(lease.processId);
}

/** @returns the epoch in which this process may open the session @throws HostedElsewhere */
async function claim({ sessionId, epoch }: SessionState, deps: TakeOverDeps): Promise<number> {
  const { stores, processId, others, handover } = deps;
  // What was read may be another's doing from a moment ago, whose epoch is lower than the next one.
  await leaveToOthers(sessionId, deps);
  for (let next = epoch + 1; ; ) {
    const standing = await stores.leases.claim({ sessionId, processId, epoch: next });
    if (standing.processId === processId && standing.epoch === next) return next;
    const isOurs = standing.processId === processId || standing.processId === handover?.from;
    if (!isOurs && (await others?.isThere(standing.processId))) throw new HostedElsewhere(standing.processId);
    // Of a process that is gone or gives it away, or of a try of our own: whoever claimed it may have come no further.
    next = standing.epoch + 1;
  }
}

async function append(restored: Restored, epoch: number, deps: TakeOverDeps): Promise<LogRecord> {
  const { state } = restored;
  const { stores, clock, chance, processId } = deps;
  const notes: AuditNote[] = [];
  if (state.process !== null && state.process !== processId) {
    notes.push(note("host.changed", SYSTEM, clock.now(), { epoch }));
  }
  // Of a session that is handed over nobody was away.
  if (state.places.size > 0 && state.process !== deps.handover?.from) {
    const until = new Date(await aliveUntil(state, stores.leases, clock.now())).toISOString();
    notes.push(note("session.restored", SYSTEM, clock.now(), { aliveUntil: until }));
  }
  const record = nextRecord(state, epoch, { kind: "opened", process: processId }, notes, chance.id(), clock.now());
  // `opened` changes nothing that is projected.
  await inTime(stores.log.append([record], projectionOfRestored(state, restored)), clock);
  state.apply(record);
  return record;
}

/** A store that hangs is not waited for: whoever opens the session next finds what became of it in the log. */
function inTime(answer: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new JournalUnavailable("the store has not answered"));
    const cancel = clock.after(ANSWER_TIMEOUT_MS, late);
    answer.then(resolve, reject).finally(cancel);
  });
}
