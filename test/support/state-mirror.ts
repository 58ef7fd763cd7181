import { Callbacks, getStateCallbacks, type Room } from "@colyseus/sdk";
import { copyOf, type SyncedMap, type TableState } from "./table.ts";

/** The maps of the state (contract, section 4). One that a server does not have counts as empty. */
export const MAPS = ["participants", "entries", "hidden", "connections", "knocks"] as const;
export type MapName = (typeof MAPS)[number];

/** `Callbacks` is the SDK's present way to be told of changes, `getStateCallbacks` the older one that most guides show. */
export type CallbackStyle = "Callbacks" | "getStateCallbacks";

type Item = Record<string, unknown>;
type Stop = () => void;

/** What both styles offer, with one order of arguments. */
interface Telling {
  field(name: string, told: (value: unknown) => void): void;
  added(map: MapName, told: (item: Item, key: string) => void): void;
  removed(map: MapName, told: (item: Item, key: string) => void): void;
  replaced(map: MapName, told: (item: Item | undefined, key: string) => void): void;
  item(item: Item, told: () => void): Stop;
}

/**
 * A copy of the state that is kept by the SDK's schema callbacks and by nothing else, as a program draws its table. The maps are kept
 * twice: from `onAdd` and `onRemove`, and from the map's own `onChange`; both with `onChange` of each item.
 */
export class StateMirror {
  readonly #room: Room<unknown, TableState>;
  readonly #fields = new Map<string, unknown>();
  readonly #byAddAndRemove = new Map<MapName, Map<string, Item>>();
  readonly #byChange = new Map<MapName, Map<string, Item>>();
  /** what onAdd and onRemove said, in order, as `add entries shared/x` */
  readonly said: string[] = [];

  /** @param room joined; its first state may be still to come */
  constructor(room: Room<unknown, TableState>, style: CallbackStyle) {
    this.#room = room;
    const telling = style === "Callbacks" ? present(room) : older(room);
    for (const field of FIELDS) telling.field(field, (value) => this.#fields.set(field, value));
    for (const map of MAPS) if (hasMap(room, map)) this.#follow(map, telling);
  }

  /** Where the mirror is not the SDK's own state, in words; none where they agree. */
  problems(): string[] {
    const { state } = this.#room;
    const problems: string[] = [];
    for (const field of FIELDS) {
      const [mirrored, held] = [this.#fields.get(field), state[field]];
      if (mirrored !== held) problems.push(`callbacks: ${field} is ${text(mirrored)}, in the state ${text(held)}`);
    }
    for (const map of MAPS) {
      const held = copyOf(state[map as "entries"] as unknown as SyncedMap<Item> | undefined);
      problems.push(...differences(`onAdd and onRemove: ${map}`, this.#byAddAndRemove.get(map), held));
      problems.push(...differences(`onChange: ${map}`, this.#byChange.get(map), held));
    }
    return problems;
  }

  #follow(map: MapName, telling: Telling): void {
    const added = new Map<string, Item>();
    const changed = new Map<string, Item>();
    const stops = new Map<string, Stop>();
    this.#byAddAndRemove.set(map, added);
    this.#byChange.set(map, changed);
    telling.added(map, (item, key) => {
      this.said.push(`add ${map} ${key}`);
      added.set(key, plain(item));
      changed.set(key, plain(item));
      stops.get(key)?.();
      const stop = telling.item(item, () => {
        if (added.has(key)) added.set(key, plain(item));
        if (changed.has(key)) changed.set(key, plain(item));
      });
      stops.set(key, stop);
    });
    telling.removed(map, (_item, key) => {
      this.said.push(`remove ${map} ${key}`);
      added.delete(key);
      stops.get(key)?.();
      stops.delete(key);
    });
    telling.replaced(map, (item, key) => {
      if (item === undefined) changed.delete(key);
      else changed.set(key, plain(item));
    });
  }
}

const FIELDS = [
  "sessionId",
  "campaignId",
  "title",
  "status",
  "statusSince",
  "statusBy",
  "statusReason",
  "seq",
  "digest",
  "digestSeq",
] as const;

/** Where two copies of a map differ, in words: at most 5 keys each way, for a wrong copy is often wrong everywhere. */
export function differences(
  what: string,
  given: ReadonlyMap<string, object> | undefined,
  expected: ReadonlyMap<string, object>,
): string[] {
  const found: string[] = [];
  for (const [key, item] of expected) {
    const ours = given?.get(key);
    if (ours === undefined) found.push(`${what}: ${text(key)} is missing`);
    else if (text(sorted(ours)) !== text(sorted(item)))
      found.push(`${what}: ${text(key)} is ${text(ours)}, not ${text(item)}`);
  }
  const tooMany = [...(given?.keys() ?? [])].filter((key) => !expected.has(key));
  return [...found.slice(0, 5), ...tooMany.slice(0, 5).map((key) => `${what}: ${text(key)} is one too many`)];
}

// The SDK's types ask for a schema class of one's own. A program without one, as here, takes what the handshake tells.

function present(room: Room<unknown, TableState>): Telling {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const callbacks = Callbacks.get(room as any) as any;
  return {
    field: (name, told) => callbacks.listen(name, told),
    added: (map, told) => callbacks.onAdd(map, told),
    removed: (map, told) => callbacks.onRemove(map, told),
    replaced: (map, told) => callbacks.onChange(map, (key: string, item: Item | undefined) => told(item, key)),
    item: (item, told) => callbacks.onChange(item, told),
  };
}

function older(room: Room<unknown, TableState>): Telling {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const $ = getStateCallbacks(room as any) as any;
  return {
    field: (name, told) => $(room.state).listen(name, told),
    added: (map, told) => $(room.state)[map].onAdd(told),
    removed: (map, told) => $(room.state)[map].onRemove(told),
    replaced: (map, told) => $(room.state)[map].onChange(told),
    item: (item, told) => $(item).onChange(told),
  };
}

/** Whether the schema that the handshake told has it: `getStateCallbacks` cannot be asked for what it has not. */
function hasMap(room: Room<unknown, TableState>, map: MapName): boolean {
  const schema = room.state.constructor as { [Symbol.metadata]?: Record<string, unknown> | null };
  return schema[Symbol.metadata]?.[map] !== undefined;
}

function plain(item: Item): Item {
  const { toJSON } = item as { toJSON?: () => Item };
  return { ...(toJSON === undefined ? item : toJSON.call(item)) };
}

function sorted(item: object): object {
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function text(value: unknown): string {
  const json = JSON.stringify(value) ?? "undefined";
  return json.length > 120 ? `${json.slice(0, 120)}…` : json;
}
