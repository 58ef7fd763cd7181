import { computed, signal } from "@preact/signals";
import { type Claims, claimsOf } from "./claims.ts";

/** Everything that these pages keep in the browser stands under this; it is the outbox' prefix too. */
const PREFIX = "campaign-live";
const TOKEN = `${PREFIX}.token`;

addEventListener("hashchange", () => void takeFromAddress());
await takeFromAddress();

/** The tab's own token. */
export const token = signal<string | undefined>(stored(TOKEN));
/** Who is signed in; undefined: nobody. */
export const me = computed<Claims | undefined>(() => (token.value === undefined ? undefined : claimsOf(token.value)));

/** Keeps the token for this tab, so that a reload keeps people signed in. @returns false where it is none */
export function signIn(fresh: string): boolean {
  const trimmed = fresh.trim();
  if (claimsOf(trimmed) === undefined) return false;
  token.value = trimmed;
  keep(TOKEN, trimmed);
  return true;
}

/** Nobody is signed in any more, and nothing is left in this browser. */
export function signOut(): void {
  token.value = undefined;
  forgetAll();
}

/** The token was refused: whoever signs in again finds their unsent commands. */
export function expire(): void {
  token.value = undefined;
  drop(TOKEN);
}

/**
 * Takes everything of ours out of the browser's stores: tokens, invites, unsent commands. The person stays signed in as
 * long as the page is open; `keepSignedIn` before they go on to another one.
 */
export function forgetAll(): void {
  for (const store of [safe(() => sessionStorage), safe(() => localStorage)]) {
    if (store === undefined) continue;
    for (const key of Object.keys(store)) if (key.startsWith(PREFIX)) store.removeItem(key);
  }
}

export function keepSignedIn(): void {
  if (token.value !== undefined) keep(TOKEN, token.value);
}

/** Hands an invite on to the table's page, in this tab and not in the address. */
export function keepInvite(sessionId: string, invite: string): void {
  keep(`${PREFIX}.invite.${sessionId}`, invite);
}

export function keptInvite(sessionId: string): string | undefined {
  return stored(`${PREFIX}.invite.${sessionId}`);
}

export function dropInvite(sessionId: string): void {
  drop(`${PREFIX}.invite.${sessionId}`);
}

/**
 * The hook for an identity provider: it leads to any page with `#token=<JWT>`. The token is kept for the tab and taken out
 * of the address and the history; and the page is loaded anew, for the browser's list of what was loaded has it too.
 */
async function takeFromAddress(): Promise<void> {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  if (claimsOf(given) !== undefined) keep(TOKEN, given);
  const clean = location.pathname + location.search;
  history.replaceState(null, "", clean);
  location.replace(clean);
  // Nothing of the page begins before it is the fresh one.
  await new Promise(() => {});
}

function stored(key: string): string | undefined {
  return safe(() => sessionStorage.getItem(key)) ?? undefined;
}

function keep(key: string, value: string): void {
  safe(() => sessionStorage.setItem(key, value));
}

function drop(key: string): void {
  safe(() => sessionStorage.removeItem(key));
}

/** A browser that keeps nothing at all throws at every touch of its stores. */
function safe<T>(touch: () => T): T | undefined {
  try {
    return touch();
  } catch {
    return undefined;
  }
}
