import type { Command } from "./command.ts";

/** The codes of a refused command (contract, section 5). A newer server may know more. */
export type RefusalCode =
  | "bad_request"
  | "unknown_action"
  | "invalid_path"
  | "path_conflict"
  | "forbidden"
  | "conflict"
  | "not_found"
  | "not_a_number"
  | "not_an_array"
  | "limit_exceeded"
  | "session_not_live"
  | "session_paused"
  | "session_ended"
  | "rate_limited"
  | "journal_unavailable"
  | "unauthenticated"
  | "internal"
  | (string & {});

/** An `expect` that did not hold, as the entry stands: `version` 0 and `value` null where there is none. */
export interface Conflict {
  readonly path: string;
  readonly version: number;
  /** JSON text */
  readonly value: string | null;
}

/** The server's "no", as it sent it. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly conflicts?: readonly Conflict[];
  /** in a batch: the index of the operation that was refused */
  readonly op?: number;
  readonly retryAfterMs?: number;
}

/** A command that was refused for good: it changed nothing and is sent no more. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
  readonly code: RefusalCode;
  readonly conflicts: readonly Conflict[];
  readonly op: number | undefined;
  readonly command: Command;

  constructor(command: Command, refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.conflicts = refusal.conflicts ?? [];
    this.op = refusal.op;
    this.command = command;
  }
}

/** A command that was never sent, because the outbox could not take it: it is full, or its storage failed. */
export class CommandNotStored extends Error {
  override readonly name = "CommandNotStored";
}

/**
 * The table is closed, and this command's outcome is unknown here. `kept`: it is still in the outbox' storage, and the
 * next `connect` of the same person to the same session sends it again with the same id.
 */
export class TableClosed extends Error {
  override readonly name = "TableClosed";
  readonly code: number;
  readonly reason: string;
  readonly kept: boolean;

  constructor(code: number, reason: string, kept: boolean) {
    super(`the table is closed: ${reason} (${code})`);
    this.code = code;
    this.reason = reason;
    this.kept = kept;
  }
}

/** The server refused a join: `code` and `reason` of contract, section 3. */
export class JoinRefused extends Error {
  override readonly name = "JoinRefused";
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string) {
    super(`the join was refused: ${reason} (${code})`);
    this.code = code;
    this.reason = reason;
  }
}
