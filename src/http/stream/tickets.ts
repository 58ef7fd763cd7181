import { hash } from "node:crypto";
import type { Claims } from "../../identity/claims.ts";
import type { Chance, Clock } from "../../ports/clock.ts";
import type { Leases } from "../../ports/leases.ts";
import type { KeptTicket, KeptTickets } from "../../ports/stream-tickets.ts";

/** A ticket's first use comes within this. */
export const TICKET_MS = 30_000;
/** After its stream ended it opens another one for so long: `EventSource` returns by itself to the same address. */
export const RETURN_MS = 60_000;

export interface TicketDeps {
  readonly kept: KeptTickets;
  readonly leases: Pick<Leases, "lastBeat">;
  readonly clock: Pick<Clock, "now" | "steady">;
  readonly chance: Pick<Chance, "token">;
  /** of this life of this process */
  readonly processId: string;
}

/** What this process knows of a ticket that opened a stream here: how to end that, or since when it is over. */
type Here = { readonly end: () => void } | { readonly endedAt: number };

/** A ticket that is good now. */
export interface GoodTicket {
  readonly hash: string;
  readonly claims: Claims;
  readonly goodUntil: number;
}

/** A use of a ticket, whose stream is about to be opened. */
export interface TicketUse {
  /** The stream is open; an older one by the same ticket ends. @param end ends this one, without a word */
  opened(end: () => void): void;
  /** The stream is over, or was not opened after all. */
  over(): void;
}

/**
 * Tickets with which a browser's `EventSource`, which cannot send a bearer token, opens a stream of one session as one
 * person, and opens it again: while it is open, or within 60 s after it ended. They are kept by their SHA-256, so that they
 * are good on every process and after a restart.
 */
export class StreamTickets {
  readonly #deps: TicketDeps;
  /** by hash; those that are over, the oldest first */
  readonly #here = new Map<string, Here>();

  constructor(deps: TicketDeps) {
    this.#deps = deps;
  }

  /** A ticket for whoever made this request. It ends with their token, if that is sooner. @throws StoreUnavailable */
  async issue(sessionId: string, claims: Claims): Promise<{ readonly ticket: string; readonly expiresAt: number }> {
    const { kept, clock, chance } = this.#deps;
    const now = clock.now();
    const ticket = chance.token();
    const goodUntil = Math.min(now + TICKET_MS, claims.expiresAt);
    await kept.put({ hash: hashOf(ticket), sessionId, holder: claims, goodUntil }, now);
    return { ticket, expiresAt: goodUntil };
  }

  /** Uses nothing up. @returns undefined where it is not good for that session now @throws StoreUnavailable */
  async find(ticket: string, sessionId: string): Promise<GoodTicket | undefined> {
    const found = await this.#deps.kept.find(hashOf(ticket));
    if (found === undefined || found.sessionId !== sessionId || !(await this.#isGood(found))) return undefined;
    return { hash: found.hash, claims: found.holder, goodUntil: found.goodUntil };
  }

  /** Notes that it is used, before its stream is opened: a crash a moment later knows of it. @throws StoreUnavailable */
  async use({ hash: ticketHash, goodUntil }: GoodTicket): Promise<TicketUse> {
    const { kept, clock, processId } = this.#deps;
    const use = (await kept.opened(ticketHash, processId)) ?? 0;
    let mine: Here | undefined;
    return {
      opened: (end) => {
        const older = this.#here.get(ticketHash);
        mine = { end };
        this.#here.delete(ticketHash);
        this.#here.set(ticketHash, mine);
        if (older !== undefined && "end" in older) older.end();
      },
      over: () => {
        const here = this.#here.get(ticketHash);
        if (mine === undefined) {
          // It opened nothing, so nothing ended: the ticket is as good as it was.
          if (here === undefined || "endedAt" in here) this.#note(ticketHash, use, goodUntil);
          return;
        }
        // A newer use has taken over what is known of it.
        if (here !== mine) return;
        this.#forgetPast();
        this.#here.delete(ticketHash);
        this.#here.set(ticketHash, { endedAt: clock.steady() });
        this.#note(ticketHash, use, clock.now() + RETURN_MS);
      },
    };
  }

  /** Where it cannot be noted, the last heartbeat of this process tells until when the stream may have been open. */
  #note(ticketHash: string, use: number, goodUntil: number): void {
    this.#deps.kept.closed(ticketHash, use, goodUntil).catch(() => undefined);
  }

  async #isGood({ hash: ticketHash, holder, goodUntil, openIn }: KeptTicket): Promise<boolean> {
    const { clock, leases, processId } = this.#deps;
    const now = clock.now();
    if (holder.expiresAt <= now) return false;
    if (openIn === null) return goodUntil > now;
    if (openIn === processId) {
      const here = this.#here.get(ticketHash);
      if (here === undefined) return goodUntil > now;
      return "end" in here || here.endedAt + RETURN_MS > clock.steady();
    }
    // Another life had it open: no longer than it was there.
    const lastBeat = await leases.lastBeat(openIn);
    return (lastBeat === undefined ? goodUntil : lastBeat + RETURN_MS) > clock.now();
  }

  #forgetPast(): void {
    const past = this.#deps.clock.steady() - RETURN_MS;
    for (const [ticketHash, here] of this.#here) {
      if ("endedAt" in here && here.endedAt <= past) this.#here.delete(ticketHash);
    }
  }
}

function hashOf(ticket: string): string {
  return hash("sha256", ticket, "hex");
}
