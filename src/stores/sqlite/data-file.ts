import { backup, type DatabaseSync } from "node:sqlite";
import { OutcomeUnknown, type PositionTaken, StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";
import { CannotOpenData } from "../open-error.ts";
import { markAsBackup, NO_BACKUP_ANY_MORE } from "./backup-mark.ts";
import { openConnection, whyNotOpened } from "./connection.ts";
import { markInUse, unmarkInUse } from "./in-use-mark.ts";
import { makeDataFile } from "./new-file.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { concernsWholeStore, nothingCommitted, reasonOf, SQLITE, sqliteCode } from "./sqlite-error.ts";

/** What a backup copies before others get their turn: of 4 KiB each, a millisecond or so. */
const BACKUP_STEP_PAGES = 100;

export interface DataFileOptions {
  readonly path: string;
  /** Nothing is written: neither into the file nor into its log, which is read where a crash left one. Default false. */
  readonly forReading?: boolean;
  /** It is a backup on which no server was started yet (backup-mark.ts). Default false. */
  readonly isBackup?: boolean;
  /** For measurements: every commit takes this much longer, as on a disk with a slower `fsync`. */
  readonly addedCommitMs?: number;
}

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
 * their failures mean; what is in the tables is the business of `Tables`, statements prepared once per opening.
 * After a failure that leaves the connection in doubt the file is opened anew at the next call.
 */
export class DataFile<Tables> {
  readonly #options: DataFileOptions;
  readonly #prepare: (db: DatabaseSync) => Tables;
  #open: { readonly db: DatabaseSync; readonly tables: Tables } | undefined;
  #closed = false;
  /** whether commits of the open connection wait for the disk */
  #synced = true;
  #isMarked = false;

  /** @throws CannotOpenData */
  constructor(options: DataFileOptions, prepare: (db: DatabaseSync) => Tables) {
    this.#options = options;
    this.#prepare = prepare;
    try {
      if (!options.forReading) makeDataFile(options.path);
      this.#open = this.#reopen();
      if (!options.forReading) {
        if (options.isBackup) {
          // Into the file itself, and before the first mark of use: a crash must not leave both.
          this.#open.db.exec(NO_BACKUP_ANY_MORE);
          this.emptyWriteAheadLog();
        }
        // A disk that takes no writes is found at the start.
        this.#open.db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
        this.#mark();
      }
    } catch (error) {
      this.close();
      throw error instanceof CannotOpenData ? error : new CannotOpenData(whyNotOpened(error, options.path));
    }
  }

  /** Runs queries. @throws StoreUnavailable | StoredDataDamaged */
  read<T>(queries: (tables: Tables) => T): T {
    const { db, tables } = this.#connection();
    try {
      return queries(tables);
    } catch (error) {
      if (error instanceof StoredDataDamaged) throw error;
      if (concernsWholeStore(error)) this.#abandon(db);
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
    const { db, tables } = this.#connection();
    let result: T;
    try {
      this.#setSynced(db, onDisk === "now");
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
      this.#mark();
    } catch {
      // It is stored all the same. A log that is lost before the next commit would not be missed.
    }
    if (this.#options.addedCommitMs !== undefined && onDisk === "now") block(this.#options.addedCommitMs);
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

  /** Brings every change into the file itself, and empties the write-ahead log. @throws StoreUnavailable */
  emptyWriteAheadLog(): void {
    const { db } = this.#connection();
    try {
      // The checkpoint syncs: without it a power cut could bring back what the log no longer holds.
      this.#setSynced(db, true);
      this.#unmark();
      const done = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      if (done?.busy !== 0) throw new Error("the write-ahead log is in use");
    } catch (error) {
      if (concernsWholeStore(error)) this.#abandon(db);
      throw new StoreUnavailable(reasonOf(error));
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
      await backup(this.#connection().db, path, { rate: BACKUP_STEP_PAGES, progress: betweenSteps });
      markAsBackup(path);
    } catch (error) {
      throw new StoreUnavailable(reasonOf(error));
    }
  }

  close(): void {
    this.#closed = true;
    const { db } = this.#open ?? {};
    this.#open = undefined;
    if (db !== undefined) this.#letGo(db);
  }

  #connection(): { readonly db: DatabaseSync; readonly tables: Tables } {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    try {
      this.#open ??= this.#reopen();
    } catch (error) {
      throw new StoreUnavailable(reasonOf(error));
    }
    return this.#open;
  }

  #reopen() {
    const { path, forReading } = this.#options;
    const db = openConnection(path, forReading ?? false);
    try {
      this.#isMarked = false;
      this.#synced = true;
      return { db, tables: this.#prepare(db) };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** From a commit on something stands in the write-ahead log, and its loss can be told. */
  #mark(): void {
    if (this.#isMarked) return;
    markInUse(this.#options.path);
    this.#isMarked = true;
  }

  /** Before anything that empties the log, or deletes it: a mark without a log would tell of a loss. */
  #unmark(): void {
    if (this.#options.forReading) return;
    unmarkInUse(this.#options.path);
    this.#isMarked = false;
  }

  #setSynced(db: DatabaseSync, synced: boolean): void {
    if (this.#synced === synced) return;
    db.exec(`PRAGMA synchronous = ${synced ? "FULL" : "NORMAL"}`);
    this.#synced = synced;
  }

  #rollBack(db: DatabaseSync): void {
    try {
      // SQLite rolls back by itself after some errors.
      if (db.isTransaction) db.exec("ROLLBACK");
    } catch {
      this.#abandon(db);
    }
  }

  /** Drops a connection whose state is in doubt; closing rolls back what was open. */
  #abandon(db: DatabaseSync): void {
    if (this.#open?.db !== db) return;
    this.#open = undefined;
    try {
      this.#letGo(db);
    } catch {
      // It is not used any more either way, and the next call opens the file anew or says why it cannot.
    }
  }

  /** A folder that takes no changes keeps the mark, and the log too; the lock must not stay in any case. */
  #letGo(db: DatabaseSync): void {
    try {
      this.#unmark();
    } finally {
      db.close();
    }
  }
}

/** Blocks this thread without using the processor, as `fsync` does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
