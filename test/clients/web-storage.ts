import type { KeyValueStore } from "../../clients/js/src/key-value-store.ts";
import type { NamedLocks } from "../../clients/js/src/locks.ts";

/** A browser's storage. */
export class Keys implements KeyValueStore {
  readonly entries: Map<string, string>;

  constructor(entries: ReadonlyMap<string, string> = new Map()) {
    this.entries = new Map(entries);
  }

  get length(): number {
    return this.entries.size;
  }

  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.entries.set(key, value);
  }

  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

/** One that holds so many characters: none, as some browsers' private windows have it, or few. */
export class SmallKeys extends Keys {
  quota: number;

  constructor(quota: number) {
    super();
    this.quota = quota;
  }

  override setItem(key: string, value: string): void {
    const used = [...this.entries].reduce(
      (sum, [name, text]) => sum + (name === key ? 0 : name.length + text.length),
      0,
    );
    if (used + key.length + value.length > this.quota) throw new DOMException("full", "QuotaExceededError");
    super.setItem(key, value);
  }
}

/** Locks of one browser, taken by several pages. */
export function locksOf(): { readonly locks: NamedLocks; readonly held: Set<string> } {
  const held = new Set<string>();
  const locks: NamedLocks = {
    async take(name) {
      if (held.has(name)) return undefined;
      held.add(name);
      return () => held.delete(name);
    },
  };
  return { locks, held };
}
