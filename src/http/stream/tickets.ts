import { hash } from "node:crypto";
import type { Claims } from "../../identity/claims.ts";
import type { Chance, Clock } from "../../ports/clock.ts";

export const TICKET_MS = 30_000;
/** Unused ones per person and session: with one more, the oldest is void. */
const MOST_UNUSED = 64;

interface Ticket {
  readonly sessionId: string;
  readonly claims: Claims;
  /** by the steady clock; the end of its maker's token is a date of its own */
  readonly until: number;
}

/**
 * Tickets with which a browser's `EventSource`, which cannot send a bearer token, opens a stream: each once, within
 * 30 s, for one person and one session. In memory, by their SHA-256.
 */
export class StreamTickets {
  readonly #clock: Pick<Clock, "now" | "steady">;
  readonly #chance: Pick<Chance, "token">;
  readonly #tickets = new Map<string, Ticket>();
  /** hashes, oldest first, by session and person */
  readonly #unused = new Map<string, Set<string>>();

  constructor(clock: Pick<Clock, "now" | "steady">, chance: Pick<Chance, "token">) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** Tickets that may still be used, or are past and not yet forgotten. */
  get size(): number {
    return this.#tickets.size;
  }

  /** A ticket for whoever made this request. It ends with their token, if that is sooner. */
  issue(sessionId: string, claims: Claims): { readonly ticket: string; readonly expiresAt: number } {
    const now = this.#clock.now();
    const until = this.#clock.steady() + TICKET_MS;
    this.#forgetPast();
    const ticket = this.#chance.token();
    const ticketHash = hash("sha256", ticket, "hex");
    const expiresAt = Math.min(now + TICKET_MS, claims.expiresAt);
    this.#tickets.set(ticketHash, { sessionId, claims, until });
    const key = keyOf(sessionId, claims);
    const theirs = this.#unused.get(key) ?? new Set();
    this.#unused.set(key, theirs.add(ticketHash));
    const [oldest] = theirs;
    if (theirs.size > MOST_UNUSED && oldest !== undefined) this.#forget(oldest);
    return { ticket, expiresAt };
  }

  /** Uses a ticket up, whatever it is shown for. @returns whose it is, undefined where it is not good for that session now */
  redeem(ticket: string, sessionId: string): Claims | undefined {
    const ticketHash = hash("sha256", ticket, "hex");
    const found = this.#tickets.get(ticketHash);
    if (found === undefined) return undefined;
    this.#forget(ticketHash);
    return found.sessionId === sessionId && this.#isGood(found) ? found.claims : undefined;
  }

  #isGood({ until, claims }: Ticket): boolean {
    return until > this.#clock.steady() && claims.expiresAt > this.#clock.now();
  }

  /** They are in the order of issue, and only a token's end makes one end before those that were issued earlier. */
  #forgetPast(): void {
    for (const [ticketHash, ticket] of this.#tickets) {
      if (this.#isGood(ticket)) return;
      this.#forget(ticketHash);
    }
  }

  #forget(ticketHash: string): void {
    const ticket = this.#tickets.get(ticketHash);
    if (ticket === undefined) return;
    this.#tickets.delete(ticketHash);
    const key = keyOf(ticket.sessionId, ticket.claims);
    const theirs = this.#unused.get(key);
    theirs?.delete(ticketHash);
    if (theirs?.size === 0) this.#unused.delete(key);
  }
}

/** A session's id has no line break. */
function keyOf(sessionId: string, { userId }: Claims): string {
  return `${sessionId}\n${userId}`;
}
