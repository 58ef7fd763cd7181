import type { LogRecord } from "../../core/record.ts";
import { PositionTaken, StoreUnavailable } from "../../ports/failures.ts";
import type { Projection } from "../../ports/log.ts";

/** One call to `append`. Only the first answer to it counts. */
export interface AppendCall {
  readonly records: readonly LogRecord[];
  readonly projection: Projection;
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
}

/** What stands in a log as far as calls have to know it. */
export interface Standing {
  /** the last position; 0: the log is empty */
  readonly end: number;
  /** the record's id at each position up to `end` that the calls name */
  readonly ids: ReadonlyMap<number, string>;
}

/** What is to be done about calls on one session. */
export interface Admission {
  /** all records of these stand there already */
  readonly standing: readonly AppendCall[];
  /** these are stored if `fresh` is, and only then */
  readonly joined: readonly AppendCall[];
  /** the records to store, in one piece; the first follows the log's end */
  readonly fresh: readonly LogRecord[];
  readonly refused: readonly { readonly call: AppendCall; readonly error: PositionTaken | StoreUnavailable }[];
}

/** Judges calls on one session in their order, each on what the ones before it leave behind. */
export function admit(calls: readonly AppendCall[], { end, ids }: Standing): Admission {
  const standing: AppendCall[] = [];
  const joined: AppendCall[] = [];
  const fresh: LogRecord[] = [];
  const refused: Admission["refused"][number][] = [];
  const idAt = (pos: number) => (pos <= end ? ids.get(pos) : fresh[pos - end - 1]?.id);
  for (const call of calls) {
    const { sessionId, pos: firstPos } = call.records[0]!;
    const next = end + fresh.length + 1;
    const taken = call.records.find(({ pos, id }) => pos < next && idAt(pos) !== id);
    if (firstPos > next) {
      refused.push({ call, error: new StoreUnavailable(`${sessionId} has nothing before ${firstPos}`) });
    } else if (taken !== undefined) {
      refused.push({ call, error: new PositionTaken(`${sessionId} at ${taken.pos}`) });
    } else if (call.records.at(-1)!.pos <= end) {
      standing.push(call);
    } else {
      joined.push(call);
      fresh.push(...call.records.filter(({ pos }) => pos >= next));
    }
  }
  return { standing, joined, fresh, refused };
}

/** Whether calls go on one after the other from a position: then nothing has to be known of what stands before it. */
export function follow(end: number, calls: readonly AppendCall[]): boolean {
  let last = end;
  for (const { records } of calls) {
    if (records[0]!.pos !== last + 1) return false;
    last = records.at(-1)!.pos;
  }
  return true;
}
