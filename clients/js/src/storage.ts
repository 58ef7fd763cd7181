import type { Command } from "./command.ts";

/** A command as it waits for its answer. */
export interface StoredCommand extends Command {
  /** rises with every command of an outbox; they are sent in this order */
  readonly order: number;
}

/**
 * Where commands wait, so that a reload loses none. `scope` names one person in one session. A `put` that resolved is
 * there at the next `load`; a `put` or `remove` that fails rejects. Methods may answer at once or by a promise.
 */
export interface OutboxStorage {
  /** What an earlier life left in the scope, in order. Called once, before all else. */
  load(scope: string): Promise<readonly StoredCommand[]> | readonly StoredCommand[];
  put(command: StoredCommand): Promise<void> | void;
  remove(command: StoredCommand): Promise<void> | void;
  /** Lets go of what it holds (a lock, a handle); the commands stay. */
  close?(): void;
}
