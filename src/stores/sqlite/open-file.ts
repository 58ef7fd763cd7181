import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../../ports/failures.ts";
import { CannotOpenData } from "../open-error.ts";
import { NO_BACKUP_ANY_MORE } from "./backup-mark.ts";
import { openConnection, whyNotOpened } from "./connection.ts";
import type { FileId } from "./file-look.ts";
import { FilesInPlace, type FilesInPlaceOptions } from "./files-in-place.ts";
import { markInUse, unmarkInUse } from "./in-use-mark.ts";
import { makeDataFile } from "./new-file.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { concernsWholeStore, reasonOf } from "./sqlite-error.ts";

export interface DataFileOptions extends FilesInPlaceOptions {
  /** Nothing is written: neither into the file nor into its log, which is read where a crash left one. Default false. */
  readonly forReading?: boolean;
  /** It is a backup on which no server was started yet (backup-mark.ts). Default false. */
  readonly isBackup?: boolean;
  /** For measurements: every commit takes this much longer, as on a disk with a slower `fsync`. */
  readonly addedCommitMs?: number;
}

/**
 * The data file while it is open: its connection with the statements on it, prepared once per opening, its mark of use, and
 * whether the files are still where they were. After a failure that leaves the connection in doubt it is opened anew at the
 * next call.
 */
export class OpenFile<Tables> {
  protected readonly options: DataFileOptions;
  readonly #prepare: (db: DatabaseSync) => Tables;
  /** of a file that is opened for more than reading */
  readonly #files: FilesInPlace | undefined;
  #open: { readonly db: DatabaseSync; readonly tables: Tables } | undefined;
  #closed = false;
  /** whether commits of the open connection wait for the disk */
  #synced = true;
  #isMarked = false;

  /**
   * @param onVanished told once that the files are gone or others: from then on every call is `StoreUnavailable`
   * @throws CannotOpenData; StoreUnavailable where the file that was opened before is not there any more
   */
  constructor(
    options: DataFileOptions,
    prepare: (db: DatabaseSync) => Tables,
    onVanished: (message: string) => void = () => {},
  ) {
    this.options = options;
    this.#prepare = prepare;
    this.#files = options.forReading ? undefined : new FilesInPlace(options, onVanished);
    this.#files?.beforeOpening();
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
        this.mark();
      }
    } catch (error) {
      this.close();
      throw error instanceof CannotOpenData ? error : new CannotOpenData(whyNotOpened(error, options.path));
    }
  }

  /** Which file is open; undefined where it is open for reading. */
  get id(): FileId | undefined {
    return this.#files?.id;
  }

  /** Brings every change into the file itself, and empties the write-ahead log. @throws StoreUnavailable */
  emptyWriteAheadLog(): void {
    const { db } = this.connection();
    try {
      // The checkpoint syncs: without it a power cut could bring back what the log no longer holds.
      this.setSynced(db, true);
      this.#unmark();
      const done = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      if (done?.busy !== 0) throw new Error("the write-ahead log is in use");
    } catch (error) {
      if (concernsWholeStore(error)) this.abandon(db);
      throw new StoreUnavailable(reasonOf(error));
    } finally {
      this.#files?.settle();
    }
  }

  /** Looks at once whether the files are still there. @throws StoreUnavailable */
  look(): void {
    this.#files?.lookNext();
    this.connection();
  }

  close(): void {
    this.#closed = true;
    const { db } = this.#open ?? {};
    this.#open = undefined;
    if (db !== undefined) this.#letGo(db);
  }

  /** @throws StoreUnavailable */
  protected connection(): { readonly db: DatabaseSync; readonly tables: Tables } {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    this.#files?.check(() => this.#save());
    try {
      this.#open ??= this.#reopen();
    } catch (error) {
      throw new StoreUnavailable(reasonOf(error));
    }
    return this.#open;
  }

  #reopen() {
    const { path, forReading } = this.options;
    this.#files?.beforeOpening();
    const db = openConnection(path, forReading ?? false);
    try {
      this.#isMarked = false;
      this.#synced = true;
      const tables = this.#prepare(db);
      this.#files?.settle();
      return { db, tables };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** The log lost its name, but is open yet: what stands in it is brought into the data file. */
  #save(): void {
    const { db } = this.#open ?? {};
    try {
      if (db?.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0) this.#unmark();
    } catch {
      // The mark tells of the loss at the next start.
    }
  }

  /** From a commit on something stands in the write-ahead log, and its loss can be told. */
  protected mark(): void {
    if (this.#isMarked) return;
    markInUse(this.options.path);
    this.#isMarked = true;
  }

  /** Before anything that empties the log, or deletes it: a mark without a log would tell of a loss. */
  #unmark(): void {
    if (this.options.forReading) return;
    unmarkInUse(this.options.path);
    this.#isMarked = false;
  }

  protected setSynced(db: DatabaseSync, synced: boolean): void {
    if (this.#synced === synced) return;
    db.exec(`PRAGMA synchronous = ${synced ? "FULL" : "NORMAL"}`);
    this.#synced = synced;
  }

  /** Drops a connection whose state is in doubt; closing rolls back what was open. */
  protected abandon(db: DatabaseSync): void {
    if (this.#open?.db !== db) return;
    this.#open = undefined;
    try {
      this.#letGo(db);
    } catch {
      // It is not used any more either way, and the next call opens the file anew or says why it cannot.
    }
  }

  /**
   * A folder that takes no changes keeps the mark, and the log too; the lock must not stay in any case. Beside another file
   * the mark is not ours, and SQLite leaves a log of ours as it is, wherever it is now.
   */
  #letGo(db: DatabaseSync): void {
    try {
      if (this.#files?.isMainThere ?? true) this.#unmark();
    } finally {
      db.close();
    }
  }
}
