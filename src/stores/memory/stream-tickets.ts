import type { KeptTicket, KeptTickets } from "../../ports/stream-tickets.ts";
import type { MemoryBacking } from "./backing.ts";

/** Tickets for streams in memory. */
export class MemoryTickets implements KeptTickets {
  readonly #tickets: MemoryBacking["tickets"];

  constructor({ tickets }: Pick<MemoryBacking, "tickets">) {
    this.#tickets = tickets;
  }

  async put(ticket: Omit<KeptTicket, "openIn" | "uses">, now: number): Promise<void> {
    for (const [hash, { holder, openIn, goodUntil }] of this.#tickets) {
      if (holder.expiresAt <= now || (openIn === null && goodUntil <= now)) this.#tickets.delete(hash);
    }
    this.#tickets.set(ticket.hash, structuredClone({ ...ticket, openIn: null, uses: 0 }));
  }

  async find(hash: string): Promise<KeptTicket | undefined> {
    return structuredClone(this.#tickets.get(hash));
  }

  async opened(hash: string, processId: string): Promise<number | undefined> {
    const ticket = this.#tickets.get(hash);
    if (ticket === undefined) return undefined;
    const uses = ticket.uses + 1;
    this.#tickets.set(hash, { ...ticket, openIn: processId, uses });
    return uses;
  }

  async closed(hash: string, use: number, goodUntil: number): Promise<void> {
    const ticket = this.#tickets.get(hash);
    if (ticket?.uses === use) this.#tickets.set(hash, { ...ticket, openIn: null, goodUntil });
  }
}
