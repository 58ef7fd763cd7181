import type { Command } from "./command.ts";

/** A command as it waits for its answer. */
export interface StoredCommand extends Command {
  /** rises with every command of an outbox; they are sent in this order */
  readonly order: number;
}

/** Tells of something that failed and was got over. @param what one sentence, without content */
export type TellTrouble = (what: string, error: unknown) => void;

/**
 * Where commands wait, so that a reload loses none. `scope` names one person in one session. A `put` that resolved is
 * there at the next `load`; a `put` or `remove` that fails rejects. Methods may answer at once or by a promise.
 */
export interface OutboxStorage {
  /**
   * What an earlier life left in the scope, in order. Called once, before all else. What cannot be read is set aside and told, and
   * holds up nothing else. Where it rejects, commands wait in memory, and nothing more is put here.
   */
  load(scope: string, tell: TellTrouble): Promise<readonly StoredCommand[]> | readonly StoredCommand[];
  put(command: StoredCommand): Promise<void> | void;
  remove(command: StoredCommand): Promise<void> | void;
  /** The person is out of the session for good: everything of the scope goes, what was set aside included. */
  clear?(): Promise<void> | void;
  /** Lets go of what it holds (a lock, a handle); the commands stay. */
  close?(): void;
}
