import { computed, signal } from "@preact/signals";
import { type Claims, claimsOf } from "./claims.ts";

/** Everything that these pages keep in the browser stands under this; it is the outbox' prefix too. */
const PREFIX = "campaign-live";
const TOKEN = `${PREFIX}.token`;

/** The token that came with the address (`#token=`), else the tab's own. */
export const token = signal<string | undefined>(tokenInAddress() ?? stored(TOKEN));
/** Who is signed in; undefined: nobody. */
export const me = computed<Claims | undefined>(() => (token.value === undefined ? undefined : claimsOf(token.value)));

if (token.value !== undefined) signIn(token.value);

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

/** The hook for an identity provider: it leads back to any page with `#token=<JWT>`, which is taken out of the address. */
function tokenInAddress(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return undefined;
  history.replaceState(history.state, "", location.pathname + location.search);
  return claimsOf(given) === undefined ? undefined : given;
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
