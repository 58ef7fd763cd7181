/** The session's state as the SDK decodes it (contract, section 4): what a client sees, without any of the server's code. */
export interface TableState {
  readonly sessionId: string;
  readonly campaignId: string;
  readonly title: string;
  readonly status: string;
  readonly statusSince: number;
  readonly statusBy: string;
  readonly statusReason: string;
  readonly seq: number;
  readonly digest: string;
  readonly digestSeq: number;
  readonly participants: SyncedMap<ParticipantView>;
  readonly entries: SyncedMap<EntryView>;
  readonly hidden: SyncedMap<EntryView>;
  readonly connections: SyncedMap<ConnectionView>;
  readonly knocks: SyncedMap<KnockView>;
}

export interface KnockView {
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  readonly message: string;
  readonly since: number;
}

export interface ParticipantView {
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  readonly presence: string;
  readonly activity: string;
  readonly joinedAt: number;
  readonly lastSeenAt: number;
  readonly reconnectUntil: number;
}

export interface EntryView {
  readonly value: string;
  readonly version: number;
  readonly by: string;
}

export interface ConnectionView {
  readonly connections: number;
  readonly streams: number;
  readonly latencyMs: number;
  readonly reconnects: number;
  readonly droppedAt: number;
  readonly client: string;
}

/** The part of the SDK's MapSchema that a reader needs. A map of which nothing was ever sent is absent. */
export interface SyncedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  has(key: string): boolean;
  keys(): Iterable<string>;
  forEach(visit: (value: V, key: string) => void): void;
}

/** A synced map as a plain copy that later patches do not change; empty where the map is absent. */
export function copyOf<V>(map: SyncedMap<V> | undefined): Map<string, V> {
  const copy = new Map<string, V>();
  map?.forEach((value, key) => {
    copy.set(key, { ...plain(value) });
  });
  return copy;
}

/** The keys of a synced map, sorted; none where the map is absent. */
export function keysOf(map: SyncedMap<unknown> | undefined): string[] {
  return map === undefined ? [] : [...map.keys()].sort();
}

function plain<V>(value: V): V {
  const { toJSON } = value as { toJSON?: () => V };
  return toJSON === undefined ? value : toJSON.call(value);
}
