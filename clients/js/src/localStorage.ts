import { randomId } from "./command.ts";
import { type KeyValueStore, LenientStore } from "./key-value-store.ts";
import { type NamedLocks, webLocks } from "./locks.ts";
import type { OutboxStorage, StoredCommand, TellTrouble } from "./storage.ts";
import { storedCommandIn } from "./stored-command.ts";

export interface LocalStorageOptions {
  /** before each key; default `campaign-live` */
  readonly prefix?: string;
  readonly local?: KeyValueStore;
  /** survives a reload but is the tab's own */
  readonly session?: KeyValueStore;
  /** undefined where the page has none (an insecure origin) */
  readonly locks?: NamedLocks | undefined;
}

const DEFAULT_PREFIX = "campaign-live";
/** Long enough for the page before a reload to let go. */
const RELOAD_MS = 1000;
const OWNER = /^[0-9a-f]{32}$/;
const ORDER = /^\d{16}$/;
/** In place of an owner's name: what could not be read. */
const ASIDE = "aside";

/**
 * For browsers: commands survive a reload, a closed tab and a crash of the browser. Every tab has an owner name, held
 * by a lock, and a key per command under it; a tab also takes over what owners left that are gone. Without locks, a
 * tab that starts takes over everything: two tabs may then send the same command, which the server answers twice and
 * applies once. Where the browser keeps nothing, or no more, commands wait in memory, and `trouble` says so.
 */
export function localStorageOutbox(options: LocalStorageOptions = {}): OutboxStorage {
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  const tab = tabStore(options);
  let locks = "locks" in options ? options.locks : webLocks();
  let store: LenientStore;
  let base = prefix;
  let home = prefix;
  let release: (() => void) | undefined;
  let lastOrder = 0;

  const take = async (owner: string, waitMs: number): Promise<(() => void) | undefined> => {
    try {
      return await locks?.take(`${base}/${owner}`, waitMs);
    } catch {
      locks = undefined;
      return undefined;
    }
  };

  /** The name that this tab had before a reload, else a new one. */
  const findOwner = async (): Promise<string> => {
    const before = tab.get(`${base}/owner`);
    let owner = before !== null && OWNER.test(before) ? before : randomId();
    release = await take(owner, RELOAD_MS);
    if (locks !== undefined && release === undefined) {
      // The tab was duplicated: the other one goes on under that name.
      owner = randomId();
      release = await take(owner, RELOAD_MS);
    }
    tab.set(`${base}/owner`, owner);
    return owner;
  };

  const read = (owner: string, tell: TellTrouble): StoredCommand[] => {
    const at = `${base}/${owner}/`;
    return store.keysFrom(at).flatMap((key) => {
      const order = key.slice(at.length);
      if (!ORDER.test(order)) return [];
      const text = store.get(key);
      try {
        return [storedCommandIn(text, Number(order))];
      } catch (error) {
        store.remove(key);
        store.set(`${base}/${ASIDE}/${owner}-${order}`, text ?? "");
        tell("a stored command cannot be read: it was set aside", error);
        return [];
      }
    });
  };

  const put = (command: StoredCommand): void => {
    lastOrder = Math.max(lastOrder, command.order);
    store.set(keyOf(home, command.order), JSON.stringify(command));
  };

  return {
    async load(scope, tell) {
      store = new LenientStore(() => options.local ?? web().localStorage, tell);
      base = `${prefix}/${encodeURIComponent(scope)}`;
      const owner = await findOwner();
      home = `${base}/${owner}`;
      const own = read(owner, tell);
      for (const command of own) lastOrder = Math.max(lastOrder, command.order);
      const adopted: StoredCommand[] = [];
      for (const other of ownersIn(store, base)) {
        if (other === owner) continue;
        const taken = await take(other, 0);
        if (locks !== undefined && taken === undefined) continue;
        for (const command of read(other, tell)) {
          const moved = { ...command, order: lastOrder + 1 };
          put(moved);
          store.remove(keyOf(`${base}/${other}`, command.order));
          adopted.push(moved);
        }
        taken?.();
      }
      return [...own, ...adopted];
    },
    put,
    remove: (command) => store.remove(keyOf(home, command.order)),
    clear() {
      for (const key of [...store.keysFrom(`${home}/`), ...store.keysFrom(`${base}/${ASIDE}/`)]) store.remove(key);
      tab.remove(`${base}/owner`);
    },
    close: () => release?.(),
  };
}

/**
 * Forgets every command that outboxes of this browser keep, of whichever person and session, what was set aside included: for signing
 * out. To be called when no table is open any more.
 */
export function clearLocalStorageOutboxes(options: LocalStorageOptions = {}): void {
  const prefix = `${options.prefix ?? DEFAULT_PREFIX}/`;
  for (const open of [() => options.local ?? web().localStorage, () => options.session ?? web().sessionStorage]) {
    // One that is blocked holds nothing, and that is no trouble here.
    const store = new LenientStore(open, () => {});
    for (const key of store.keysFrom(prefix)) store.remove(key);
  }
}

function keyOf(home: string, order: number): string {
  return `${home}/${String(order).padStart(16, "0")}`;
}

function ownersIn(store: LenientStore, base: string): Set<string> {
  const names = store.keysFrom(`${base}/`).map((key) => key.slice(base.length + 1).split("/")[0] ?? "");
  return new Set(names.filter((name) => OWNER.test(name)));
}

function web(): { readonly localStorage?: KeyValueStore; readonly sessionStorage?: KeyValueStore } {
  return globalThis as never;
}

/** The tab's own store; one that is blocked or full keeps the owner's name for this page alone, which costs nothing but the name. */
function tabStore(options: LocalStorageOptions): LenientStore {
  return new LenientStore(
    () => options.session ?? web().sessionStorage,
    () => {},
  );
}
