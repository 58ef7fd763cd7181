import type { Claims } from "./claims.ts";

/** One join or return checks its token two or three times, and each check of a signature is a trip to the thread pool. */
const KEPT_MS = 10_000;
/** Tokens have at most the size of a request's headers, so this many are a few MiB as a rule. */
const MOST = 2_048;

/**
 * What the good tokens of the last seconds say. Whether one has ended is not kept: that depends on when it is asked.
 * Times are arguments, in ms.
 */
export class RecentTokens {
  /** the oldest first */
  readonly #kept = new Map<string, { readonly claims: Claims; readonly at: number }>();

  /** @returns undefined for a token that was not found good within the last 10 s */
  claimsOf(token: string, now: number): Claims | undefined {
    const found = this.#kept.get(token);
    if (found === undefined) return undefined;
    const ageMs = now - found.at;
    // Below 0 the clock was set back, perhaps to before the token's `nbf`.
    if (ageMs >= 0 && ageMs < KEPT_MS) return found.claims;
    this.#kept.delete(token);
    return undefined;
  }

  /** @param now when the check began */
  keep(token: string, claims: Claims, now: number): void {
    this.#kept.delete(token);
    this.#kept.set(token, { claims, at: now });
    for (const [oldest, { at }] of this.#kept) {
      if (this.#kept.size <= MOST && now - at < KEPT_MS) break;
      this.#kept.delete(oldest);
    }
  }
}
