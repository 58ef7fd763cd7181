import { hash } from "node:crypto";
import type { Claims } from "../../identity/claims.ts";
import type { Chance, Clock } from "../../ports/clock.ts";
import type { KeptTicket, KeptTickets } from "../../ports/stream-tickets.ts";

/** A ticket is swapped for a cookie within this. */
const TICKET_MS = 30_000;
/** A cookie is good for so long after its last use. */
export const COOKIE_MS = 15 * 60_000;
/** So that not every use of it is a write. */
const SLIDES_EVERY_MS = 60_000;
/** In place of the id of a session, which has no slash: no ticket for a stream is one of these, and the other way round. */
const TICKET = "monitor/ticket";
const COOKIE = "monitor/cookie";

export interface PassDeps {
  readonly kept: KeptTickets;
  readonly clock: Pick<Clock, "now">;
  readonly chance: Pick<Chance, "token">;
  readonly processId: string;
}

/** A cookie as its browser is to have it. */
export interface Cookie {
  readonly value: string;
  /** in whole seconds */
  readonly maxAge: number;
}

/** Who shows a good cookie. */
export interface Shown {
  readonly claims: Claims;
  /** the cookie anew, where it is good for longer from now on */
  readonly cookie: Cookie | undefined;
}

/**
 * What opens the monitor: a ticket, swapped once for a cookie. Both are kept by their SHA-256, so that they are good on every
 * process and after a restart, and neither outlives the token with which the ticket was asked for. What somebody may see is
 * not in them: that is looked at for each request.
 */
export class MonitorPasses {
  readonly #deps: PassDeps;

  constructor(deps: PassDeps) {
    this.#deps = deps;
  }

  /** @throws StoreUnavailable */
  async issue(claims: Claims): Promise<{ readonly ticket: string; readonly expiresAt: number }> {
    const { clock, chance } = this.#deps;
    const ticket = chance.token();
    const expiresAt = Math.min(clock.now() + TICKET_MS, claims.expiresAt);
    await this.#put(ticket, TICKET, claims, expiresAt);
    return { ticket, expiresAt };
  }

  /** Uses a ticket up: of all who show it, on whatever process, one gets the cookie. @throws StoreUnavailable */
  async redeem(ticket: string): Promise<Cookie | undefined> {
    const { kept, clock, chance, processId } = this.#deps;
    const key = hashOf(ticket);
    const found = await kept.find(key);
    const isGood = found?.sessionId === TICKET && found.goodUntil > clock.now() && found.uses === 0;
    if (!isGood || (await kept.opened(key, processId)) !== 1) return undefined;
    const value = chance.token();
    const now = clock.now();
    const goodUntil = Math.min(now + COOKIE_MS, found.holder.expiresAt);
    await this.#put(value, COOKIE, found.holder, goodUntil);
    // It is past, and so forgotten with the next one.
    kept.closed(key, 1, 0).catch(() => undefined);
    return cookieOf(value, goodUntil - now);
  }

  /** Whether a cookie is good now; it is good for no longer for that. @throws StoreUnavailable */
  async isGood(value: string): Promise<boolean> {
    return (await this.#find(value)) !== undefined;
  }

  /** @throws StoreUnavailable */
  async show(value: string): Promise<Shown | undefined> {
    const { kept, clock } = this.#deps;
    const found = await this.#find(value);
    if (found === undefined) return undefined;
    const now = clock.now();
    const claims = found.holder;
    const goodUntil = Math.min(now + COOKIE_MS, claims.expiresAt);
    if (goodUntil - found.goodUntil < SLIDES_EVERY_MS) return { claims, cookie: undefined };
    await kept.closed(found.hash, 0, goodUntil);
    return { claims, cookie: cookieOf(value, goodUntil - now) };
  }

  async #find(value: string): Promise<KeptTicket | undefined> {
    const { kept, clock } = this.#deps;
    const found = await kept.find(hashOf(value));
    const now = clock.now();
    return found?.sessionId === COOKIE && found.goodUntil > now && found.holder.expiresAt > now ? found : undefined;
  }

  async #put(secret: string, what: string, holder: Claims, goodUntil: number): Promise<void> {
    const { kept, clock } = this.#deps;
    await kept.put({ hash: hashOf(secret), sessionId: what, holder, goodUntil }, clock.now());
  }
}

function cookieOf(value: string, ms: number): Cookie {
  return { value, maxAge: Math.max(0, Math.floor(ms / 1_000)) };
}

function hashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}
