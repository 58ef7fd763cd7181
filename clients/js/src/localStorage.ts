import { randomId } from "./command.ts";
import type { OutboxStorage, StoredCommand } from "./storage.ts";

/** The part of the web's `Storage` that is used here. */
export interface KeyValueStore {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Holds a name until released; the page's end releases it, too. */
export interface NamedLocks {
  /** The release, or undefined where somebody else holds it for the whole of `waitMs`. */
  take(name: string, waitMs: number): Promise<(() => void) | undefined>;
}

export interface LocalStorageOptions {
  /** before each key; default `campaign-live` */
  readonly prefix?: string;
  readonly local?: KeyValueStore;
  /** survives a reload but is the tab's own */
  readonly session?: KeyValueStore;
  /** undefined where the page has none (an insecure origin) */
  readonly locks?: NamedLocks | undefined;
}

/** Long enough for the page before a reload to let go. */
const RELOAD_MS = 1000;

/**
 * For browsers: commands survive a reload, a closed tab and a crash of the browser. Every tab has an owner name, held
 * by a lock, and a key per command under it; a tab also takes over what owners left that are gone. Without locks, a
 * tab that starts takes over everything: two tabs may then send the same command, which the server answers twice and
 * applies once.
 */
export function localStorageOutbox(options: LocalStorageOptions = {}): OutboxStorage {
  const web = globalThis as { localStorage?: KeyValueStore; sessionStorage?: KeyValueStore };
  const local = options.local ?? web.localStorage;
  const session = options.session ?? web.sessionStorage;
  if (local === undefined) throw new Error("this page has no localStorage");
  const locks = "locks" in options ? options.locks : webLocks();
  const prefix = options.prefix ?? "campaign-live";
  let home = prefix;
  let release: (() => void) | undefined;
  let lastOrder = 0;

  const keyOf = (owner: string, order: number) => `${owner}/${String(order).padStart(16, "0")}`;
  const put = (command: StoredCommand) => {
    lastOrder = Math.max(lastOrder, command.order);
    local.setItem(keyOf(home, command.order), JSON.stringify(command));
  };

  return {
    async load(scope) {
      const base = `${prefix}/${encodeURIComponent(scope)}`;
      const ownerKey = `${base}/owner`;
      let owner = session?.getItem(ownerKey) ?? randomId();
      release = await locks?.take(`${base}/${owner}`, RELOAD_MS);
      if (locks !== undefined && release === undefined) {
        // The tab was duplicated: the other one goes on under that name.
        owner = randomId();
        release = await locks.take(`${base}/${owner}`, RELOAD_MS);
      }
      session?.setItem(ownerKey, owner);
      home = `${base}/${owner}`;
      const own = read(local, home);
      for (const command of own) lastOrder = Math.max(lastOrder, command.order);
      const adopted: StoredCommand[] = [];
      for (const other of ownersIn(local, base)) {
        if (other === owner) continue;
        const taken = await locks?.take(`${base}/${other}`, 0);
        if (locks !== undefined && taken === undefined) continue;
        for (const command of read(local, `${base}/${other}`)) {
          const moved = { ...command, order: lastOrder + 1 };
          put(moved);
          local.removeItem(keyOf(`${base}/${other}`, command.order));
          adopted.push(moved);
        }
        taken?.();
      }
      return [...own, ...adopted];
    },
    put,
    remove: (command) => local.removeItem(keyOf(home, command.order)),
    close: () => release?.(),
  };
}

function keysUnder(store: KeyValueStore, path: string): string[] {
  const keys: string[] = [];
  for (let at = 0; at < store.length; at++) {
    const key = store.key(at);
    if (key?.startsWith(`${path}/`)) keys.push(key);
  }
  return keys.sort();
}

function read(store: KeyValueStore, home: string): StoredCommand[] {
  return keysUnder(store, home).map((key) => JSON.parse(store.getItem(key) ?? "null") as StoredCommand);
}

function ownersIn(store: KeyValueStore, base: string): Set<string> {
  return new Set(keysUnder(store, base).map((key) => key.slice(base.length + 1).split("/")[0] ?? ""));
}

interface WebLockManager {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    run: (lock: unknown) => Promise<void> | undefined,
  ): Promise<void>;
}

function webLocks(): NamedLocks | undefined {
  const manager = (globalThis as { navigator?: { locks?: WebLockManager } }).navigator?.locks;
  if (manager === undefined) return undefined;
  return {
    take: (name, waitMs) =>
      new Promise((resolve) => {
        const hold = (lock: unknown) => {
          if (lock === null) {
            resolve(undefined);
            return undefined;
          }
          return new Promise<void>((free) => resolve(free));
        };
        const options = waitMs === 0 ? { ifAvailable: true } : { signal: AbortSignal.timeout(waitMs) };
        manager.request(name, options, hold).catch(() => resolve(undefined));
      }),
  };
}
