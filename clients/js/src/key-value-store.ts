import type { TellTrouble } from "./storage.ts";

/** The part of the web's `Storage` that is used here. */
export interface KeyValueStore {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What a page keeps in memory beside each store, for all its outboxes, until it is reloaded. */
const besides = new WeakMap<object, Map<string, string>>();
const NO_STORE = {};

const BLOCKED = "the browser keeps nothing for this page: commands wait in memory, and a reload loses them";
const FULL = "the browser's storage takes no more: commands wait in memory, and a reload loses them";

/**
 * A store that always takes what it is given: what the browser refuses to keep, blocked or full, is in memory. It tells so, once until
 * a write succeeds again.
 */
export class LenientStore {
  readonly #store: KeyValueStore | undefined;
  readonly #memory: Map<string, string>;
  readonly #tell: TellTrouble;
  #isFull = false;

  /** @param open may throw, as the property `localStorage` itself does where a browser blocks it */
  constructor(open: () => KeyValueStore | undefined, tell: TellTrouble) {
    this.#tell = tell;
    this.#store = usable(open, tell);
    const owner = this.#store ?? NO_STORE;
    const memory = besides.get(owner) ?? new Map<string, string>();
    besides.set(owner, memory);
    this.#memory = memory;
  }

  /** All keys with this beginning, sorted. */
  keysFrom(beginning: string): string[] {
    return [...new Set([...keysIn(this.#store), ...this.#memory.keys()])]
      .filter((key) => key.startsWith(beginning))
      .sort();
  }

  get(key: string): string | null {
    return this.#memory.get(key) ?? this.#store?.getItem(key) ?? null;
  }

  set(key: string, value: string): void {
    if (this.#store !== undefined) {
      try {
        this.#store.setItem(key, value);
        this.#memory.delete(key);
        this.#isFull = false;
        return;
      } catch (error) {
        if (!this.#isFull) this.#tell(FULL, error);
        this.#isFull = true;
      }
    }
    this.#memory.set(key, value);
  }

  remove(key: string): void {
    this.#memory.delete(key);
    this.#store?.removeItem(key);
  }
}

/** The store where it can be read. What reads today may be full all the same: only a write tells. */
function usable(open: () => KeyValueStore | undefined, tell: TellTrouble): KeyValueStore | undefined {
  try {
    const store = open() ?? undefined;
    if (store === undefined) throw new Error("there is no such storage");
    keysIn(store);
    return store;
  } catch (error) {
    tell(BLOCKED, error);
    return undefined;
  }
}

function keysIn(store: KeyValueStore | undefined): string[] {
  const keys: string[] = [];
  for (let at = 0; at < (store?.length ?? 0); at++) {
    const key = store?.key(at);
    if (typeof key === "string") keys.push(key);
  }
  return keys;
}
