/** A copy of everything that was stored when it was finished. */
export interface Backup {
  /** where it is, as an absolute path on the machine of this process */
  readonly file: string;
  readonly bytes: number;
}

/** Copies of the whole store, made while people play on it. */
export interface Backups {
  /**
   * Makes one. Asked for while one is being made, it answers with that one. What does not get whole leaves no file behind.
   * @param at ms since 1970; the file is named after it
   * @throws StoreUnavailable
   */
  make(at: number): Promise<Backup>;
}
