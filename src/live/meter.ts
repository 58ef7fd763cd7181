import type { RefusalCode } from "../core/refusal.ts";

/** How a command ended for its sender. */
export type CommandOutcome = "accepted" | "duplicate" | RefusalCode;

/**
 * What is measured of running sessions. Called on the way of every command, so it has to be cheap, and never throws.
 * Times are in ms.
 */
export interface LiveMeter {
  /** a command was decided, either way */
  decided(milliseconds: number): void;
  /** the store answered that an append is durable; from the call to its answer */
  appended(milliseconds: number): void;
  /** what a command changed has been sent to whoever sees it; from before its decision */
  shown(milliseconds: number): void;
  /** a command was answered */
  answered(outcome: CommandOutcome): void;
  snapshotSaved(milliseconds: number): void;
}
