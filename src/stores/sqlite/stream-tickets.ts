import type { KeptTicket, KeptTickets } from "../../ports/stream-tickets.ts";
import type { FileAccess } from "./file-access.ts";

/** Tickets for streams in SQLite. */
export class SqliteTickets implements KeptTickets {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async put(ticket: Omit<KeptTicket, "openIn" | "uses">, now: number): Promise<void> {
    await this.#file.call("putTicket", ticket, now);
  }

  async find(hash: string): Promise<KeptTicket | undefined> {
    return this.#file.call("findTicket", hash);
  }

  async opened(hash: string, processId: string): Promise<number | undefined> {
    return this.#file.call("ticketOpened", hash, processId);
  }

  async closed(hash: string, use: number, goodUntil: number): Promise<void> {
    await this.#file.call("ticketClosed", hash, use, goodUntil);
  }
}
