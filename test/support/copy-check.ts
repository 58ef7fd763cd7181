import { digestOf } from "./digest.ts";
import { differences, type MapName } from "./state-mirror.ts";
import { copyOf, type EntryView, keysOf, type ParticipantView, type SyncedMap, type TableState } from "./table.ts";

/** `GET …/state`, as it is for one person. */
export interface ToldState {
  readonly seq: number;
  readonly status: string;
  readonly entries: Readonly<Record<string, EntryView>>;
  readonly hidden: Readonly<Record<string, EntryView>>;
}

/** What `digest` is answered. */
export interface ToldDigest {
  readonly seq: number;
  readonly entries: string;
  readonly hidden: string;
}

/**
 * Where somebody's copy of the state is not what the server says, in words; none where all agrees.
 * @param participants as a stream's snapshot has them
 */
export function problemsOfCopy(
  state: TableState,
  userId: string,
  told: ToldState & { readonly digest: ToldDigest; readonly participants: Readonly<Record<string, ParticipantView>> },
): string[] {
  const { digest } = told;
  if (state.seq !== told.seq || state.seq !== digest.seq)
    return [`seq is ${state.seq}, by HTTP ${told.seq}, by digest ${digest.seq}`];
  const isGm = state.participants.get(userId)?.role === "gm";
  const map = (name: MapName, expected: object) =>
    differences(name, mapIn(state, name), new Map(Object.entries(expected)));
  return [
    ...same("status", state.status, told.status),
    ...map("entries", told.entries),
    ...map("hidden", told.hidden),
    ...map("participants", told.participants),
    ...same("the digest of entries", digestIn(state, "entries"), digest.entries),
    ...same("the digest of hidden", digestIn(state, "hidden"), digest.hidden),
    ...same("the digest in the state", state.digestSeq === state.seq ? state.digest : digest.entries, digest.entries),
    ...same("whose connections", keysOf(state.connections), isGm ? keysOf(state.participants) : []),
    ...(isGm ? [] : same("knocks", [...mapIn(state, "knocks").keys()], [])),
  ];
}

/** A map of the state as a plain copy; one that is not there, or not yet, is empty. */
export function mapIn(state: TableState, map: MapName): Map<string, object> {
  return copyOf((state as unknown as Partial<Record<MapName, SyncedMap<object>>>)[map]);
}

function digestIn(state: TableState, map: "entries" | "hidden"): string {
  return digestOf([...copyOf(state[map])].map(([path, { version, value }]) => ({ path, version, value })));
}

function same(what: string, given: unknown, expected: unknown): string[] {
  const [ours, theirs] = [JSON.stringify(given), JSON.stringify(expected)];
  return ours === theirs ? [] : [`${what}: ${ours}, not ${theirs}`];
}
