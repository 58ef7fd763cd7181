import { backup, type DatabaseSync } from "node:sqlite";
import { OutcomeUnknown, type PositionTaken, StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";
import { markAsBackup } from "./backup-mark.ts";
import { OpenFile } from "./open-file.ts";
import { concernsWholeStore, nothingCommitted, reasonOf, SQLITE, sqliteCode } from "./sqlite-error.ts";

/** What a backup copies before others get their turn: of 4 KiB each, a millisecond or so. */
const BACKUP_STEP_PAGES = 100;

/** `StoreUnavailable` of a transaction that was rolled back; `wholeStore` false: another transaction may well succeed. */
class RolledBack extends StoreUnavailable {
  readonly wholeStore: boolean;

  constructor(message: string, wholeStore: boolean) {
    super(message);
    this.wholeStore = wholeStore;
  }
}

/**
 * The one file in which everything is kept, synchronous and owned by this process alone. Knows transactions and what
 * their failures mean; what is in the tables is the business of `Tables`.
 */
export class DataFile<Tables> extends OpenFile<Tables> {
  /** Runs queries. @throws StoreUnavailable | StoredDataDamaged */
  read<T>(queries: (tables: Tables) => T): T {
    const { db, tables } = this.connection();
    try {
      return queries(tables);
    } catch (error) {
      if (error instanceof StoredDataDamaged) throw error;
      if (concernsWholeStore(error)) this.abandon(db);
      if (sqliteCode(error) === SQLITE.CORRUPT) throw new StoredDataDamaged(reasonOf(error));
      throw new StoreUnavailable(reasonOf(error));
    }
  }

  /**
   * Runs changes as one transaction.
   * @param onDisk `now`: when this returns. `later`: with the next that is, or when the system writes by itself; until then
   * it survives the end of this process, but not a power cut. Costs no `fsync`.
   * @throws StoreUnavailable (rolled back for certain) | OutcomeUnknown
   */
  write<T>(changes: (tables: Tables) => T, onDisk: "now" | "later" = "now"): T {
    const { db, tables } = this.connection();
    let result: T;
    try {
      this.setSynced(db, onDisk === "now");
      db.exec("BEGIN IMMEDIATE");
      result = changes(tables);
    } catch (error) {
      // Without a COMMIT nothing is ever stored, whether or not the rollback itself goes well.
      this.#rollBack(db);
      if (error instanceof StoredDataDamaged) throw error;
      throw new RolledBack(reasonOf(error), concernsWholeStore(error));
    }
    try {
      db.exec("COMMIT");
    } catch (error) {
      this.#rollBack(db);
      if (nothingCommitted(error)) throw new RolledBack(reasonOf(error), true);
      throw new OutcomeUnknown(reasonOf(error));
    }
    try {
      this.mark();
    } catch {
      // It is stored all the same. A log that is lost before the next commit would not be missed.
    }
    if (this.options.addedCommitMs !== undefined && onDisk === "now") block(this.options.addedCommitMs);
    return result;
  }

  /**
   * Runs independent changes in one transaction, so that they share its `fsync`. Each is stored or not by itself: a
   * change says an expected "no" by returning a failure before it writes; where one throws, each is tried alone.
   * @returns per change undefined where it is stored, else why not
   */
  writeTogether(
    changes: readonly ((tables: Tables) => PositionTaken | StoreUnavailable | undefined)[],
  ): (Error | undefined)[] {
    try {
      return this.write((tables) => changes.map((change) => change(tables)));
    } catch (error) {
      if (changes.length > 1 && error instanceof RolledBack && !error.wholeStore) {
        return changes.flatMap((change) => this.writeTogether([change]));
      }
      return changes.map(() => (error instanceof Error ? error : new OutcomeUnknown(String(error))));
    }
  }

  /**
   * Copies everything into another file, in steps that run in a thread of their own. A write while a step is under way
   * would end the copying (SQLITE_LOCKED): they are to be made between the steps, and are in the copy then. The copy is
   * not waited for by the disk.
   * @throws StoreUnavailable
   */
  async backUp(path: string, betweenSteps: () => void): Promise<void> {
    try {
      await backup(this.connection().db, path, { rate: BACKUP_STEP_PAGES, progress: betweenSteps });
      markAsBackup(path);
    } catch (error) {
      throw new StoreUnavailable(reasonOf(error));
    }
  }

  #rollBack(db: DatabaseSync): void {
    try {
      // SQLite rolls back by itself after some errors.
      if (db.isTransaction) db.exec("ROLLBACK");
    } catch {
      this.abandon(db);
    }
  }
}

/** Blocks this thread without using the processor, as `fsync` does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
