import { open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";
import { syncFolder } from "../../files/sync-folder.ts";
import type { Backup, Backups } from "../../ports/backups.ts";
import { StoreUnavailable } from "../../ports/failures.ts";
import type { FileAccess } from "./file-access.ts";

/** Copies of the data file, in a folder of their own beside it. Nobody but an operator ever removes one. */
export class SqliteBackups implements Backups {
  readonly #access: FileAccess;
  readonly #folder: string;
  #making: Promise<Backup> | undefined;

  /** @param folder made with the first backup */
  constructor(access: FileAccess, folder: string) {
    this.#access = access;
    this.#folder = resolve(folder);
  }

  make(at: number): Promise<Backup> {
    this.#making ??= this.#make(at).finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(at: number): Promise<Backup> {
    const file = join(this.#folder, `${new Date(at).toISOString().replaceAll(":", "-")}.sqlite`);
    // One name for all: what a crash left of one goes with the next.
    const unfinished = join(this.#folder, "unfinished");
    try {
      // Or a data folder that is gone would be made anew.
      await this.#access.call("look");
      makeFolder(this.#folder);
      await rm(unfinished, { force: true });
      await this.#access.call("backUp", unfinished);
      const bytes = await flushed(unfinished);
      await rename(unfinished, file);
      syncFolder(this.#folder);
      return { file, bytes };
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw new StoreUnavailable(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Waits until a file is on the disk. @returns its size in bytes */
async function flushed(path: string): Promise<number> {
  const handle = await open(path);
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
