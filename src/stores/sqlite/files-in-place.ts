import { statSync } from "node:fs";
import { StoreUnavailable } from "../../ports/failures.ts";
import { type FileId, hasExactTimes, type Look, lookAt, whyNotThere, writtenByOthers } from "./file-look.ts";

const LOOK_EVERY_MS = 1_000;
const AND_NOW = "nothing is recorded any more; put it right, or restore a backup, and start again";

export interface FilesInPlaceOptions {
  readonly path: string;
  /** The file that was opened before under this path: no other is taken for it, and none is made in its place. */
  readonly openedBefore?: FileId;
  /** default 1,000 */
  readonly lookEveryMs?: number;
}

/**
 * Sees to it that nothing is acknowledged that nobody will find again: SQLite goes on with files that were deleted, moved or
 * replaced. So it is looked, once a second at most, whether they are still those that were opened, and whether nobody else
 * wrote to them. Once they are not, that is so for good, whatever is put there: what happened in between is not known.
 */
export class FilesInPlace {
  readonly #options: FilesInPlaceOptions;
  readonly #onVanished: (message: string) => void;
  #id: FileId | undefined;
  #hasExactTimes: boolean | undefined;
  #last: Look | undefined;
  /** by the steady clock, in ms */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #vanished: string | undefined;

  /** @param onVanished told once, in a sentence that names the file and says what to do */
  constructor(options: FilesInPlaceOptions, onVanished: (message: string) => void) {
    this.#options = options;
    this.#onVanished = onVanished;
    this.#id = options.openedBefore;
  }

  /** Undefined before the first opening. */
  get id(): FileId | undefined {
    return this.#id;
  }

  /** Whether the path still leads to the file that was opened. */
  get isMainThere(): boolean {
    return this.#id === undefined || whyNotThere(this.#options.path, this.#id) === undefined;
  }

  /** To be called before a file is made or opened. @throws StoreUnavailable: it is not there any more, or another one is */
  beforeOpening(): void {
    const why = this.#id === undefined ? undefined : whyNotThere(this.#options.path, this.#id);
    if (why !== undefined) this.#vanish(why);
  }

  /** To be called when the file was opened, and when the log was emptied: the files are right as they stand. */
  settle(): void {
    const { path } = this.#options;
    if (this.#id === undefined) {
      const { dev, ino } = statSync(path, { bigint: true });
      this.#id = { dev, ino };
    }
    this.#hasExactTimes ??= hasExactTimes(path);
    this.#last = lookAt(path);
  }

  /**
   * To be called before anything is asked of the file.
   * @param save brings the log into the data file: called where the log alone is gone
   * @throws StoreUnavailable once the files are not there any more
   */
  check(save: () => void): void {
    if (this.#vanished !== undefined) throw new StoreUnavailable(this.#vanished);
    const now = performance.now();
    if (now - this.#lookedAt < (this.#options.lookEveryMs ?? LOOK_EVERY_MS)) return;
    this.#lookedAt = now;
    this.#look(save);
  }

  /** Lets the next check look, however recent the last look is. */
  lookNext(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  #look(save: () => void): void {
    const { path } = this.#options;
    this.beforeOpening();
    const wal = `${path}-wal`;
    const whyNoLog = this.#last?.wal === undefined ? undefined : whyNotThere(wal, this.#last.wal);
    if (whyNoLog !== undefined) {
      save();
      this.#vanish(whyNoLog);
    }
    const look = lookAt(path);
    if (look === undefined) return;
    const written = this.#last !== undefined && this.#hasExactTimes ? writtenByOthers(this.#last, look) : undefined;
    this.#last = look;
    if (written !== undefined) this.#vanish(`${written === "log" ? wal : path} was written to by another program`);
  }

  #vanish(why: string): never {
    this.#vanished = `${why}: ${AND_NOW}`;
    this.#onVanished(this.#vanished);
    throw new StoreUnavailable(this.#vanished);
  }
}
