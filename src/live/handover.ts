import type { Presence } from "../core/presence.ts";

/** How the people with a place are there, by user id. Dates in ms since 1970; all else in ms before or after the handover. */
export interface HandedPeople {
  readonly [userId: string]: {
    readonly presence: Presence;
    /** since their last sign of life */
    readonly quietMs: number;
    readonly lastSeenAt: number;
    /** the last time their last connection was lost; 0 = never */
    readonly droppedAt: number;
    readonly reconnects: number;
    /** what is left of their window; 0 unless disconnected */
    readonly windowLeftMs: number;
  };
}

/** What the host of a session knows that is not in its log, for the process that goes on with it. */
export interface Handover {
  /** the host that hands the session over: it decides nothing more */
  readonly from: string;
  readonly people: HandedPeople;
  /** until the server pauses the session for want of a GM; null: it will not */
  readonly autoPauseInMs: number | null;
}
