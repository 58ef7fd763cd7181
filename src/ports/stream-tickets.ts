/** Whose a ticket is: the claims of the token with which it was asked for. */
export interface TicketHolder {
  readonly userId: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  /** of the token, ms since 1970: the ticket never outlives it */
  readonly expiresAt: number;
  readonly guestOf?: string;
  readonly guestInvite?: string;
}

/** A ticket for a stream as it is kept. Times: ms since 1970. */
export interface KeptTicket {
  /** SHA-256 of the ticket, hex; the ticket itself is never stored */
  readonly hash: string;
  readonly sessionId: string;
  readonly holder: TicketHolder;
  /** up to when it opens a stream while none of it is open */
  readonly goodUntil: number;
  /** the life of a process that has its stream open; null: none */
  readonly openIn: string | null;
  /** how often it opened one */
  readonly uses: number;
}

/** Tickets for streams, which outlive the process that gave them. All methods may throw `StoreUnavailable`. */
export interface KeptTickets {
  /** Keeps a new one, and forgets those that are past at `now`. */
  put(ticket: Omit<KeptTicket, "openIn" | "uses">, now: number): Promise<void>;
  find(hash: string): Promise<KeptTicket | undefined>;
  /** It opens a stream in that process. @returns which use of it that is, from 1; undefined: there is no such ticket */
  opened(hash: string, processId: string): Promise<number | undefined>;
  /** The stream of that use ended. Nothing happens where there was a later use. */
  closed(hash: string, use: number, goodUntil: number): Promise<void>;
}
