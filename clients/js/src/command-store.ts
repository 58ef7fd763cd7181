import { memoryStorage } from "./memoryStorage.ts";
import type { OutboxStorage, StoredCommand, TellTrouble } from "./storage.ts";
import { checkedCommand } from "./stored-command.ts";

/** An outbox' storage, made so that nothing in it keeps a seat from opening. */
export class CommandStore {
  #storage: OutboxStorage;
  readonly #tell: TellTrouble;
  #keeps = true;

  constructor(storage: OutboxStorage, tell: TellTrouble) {
    this.#storage = storage;
    this.#tell = tell;
  }

  /** Whether another life will find what is put here. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** What an earlier life left, in order. Never rejects: a storage that cannot be read is told, and memory takes its place. */
  async load(scope: string): Promise<readonly StoredCommand[]> {
    try {
      const left = await this.#storage.load(scope, this.#tell);
      return left.filter((command) => this.#isReadable(command));
    } catch (error) {
      this.#tell("the outbox cannot be read: commands wait in memory, and a reload loses them", error);
      this.#storage = memoryStorage();
      this.#keeps = false;
      return [];
    }
  }

  /** Rejects where the storage does. */
  async put(command: StoredCommand): Promise<void> {
    await this.#storage.put(command);
  }

  /** Never rejects: what stays is sent again after a reload, and answered as a duplicate. */
  async remove(command: StoredCommand): Promise<void> {
    await this.#tidy(() => this.#storage.remove(command));
  }

  /** Everything of the scope goes. Never rejects. */
  async clear(): Promise<void> {
    await this.#tidy(() => this.#storage.clear?.());
  }

  close(): void {
    this.#storage.close?.();
  }

  async #tidy(run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#tell("the outbox could not be cleaned", error);
    }
  }

  #isReadable(command: unknown): boolean {
    try {
      checkedCommand(command);
      return true;
    } catch (error) {
      this.#tell("a stored command cannot be read: it is left out", error);
      return false;
    }
  }
}
