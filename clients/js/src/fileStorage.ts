import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "./sha256.ts";
import type { OutboxStorage, StoredCommand, TellTrouble } from "./storage.ts";
import { storedCommandIn } from "./stored-command.ts";

const NAME = /^\d{16}\.json$/;

/**
 * For Node: a file per waiting command in `folder`, written aside, flushed and renamed, so that a crash leaves whole
 * files only. A file that cannot be read all the same is renamed to end in `.aside`. One process at a time may use a person's outbox.
 */
export function fileStorage(folder: string): OutboxStorage {
  let home = folder;
  const pathOf = (order: number) => join(home, `${String(order).padStart(16, "0")}.json`);

  const read = async (name: string, tell: TellTrouble): Promise<StoredCommand[]> => {
    const path = join(home, name);
    try {
      return [storedCommandIn(await readFile(path, "utf8"), Number(name.slice(0, 16)))];
    } catch (error) {
      await rename(path, `${path}.aside`);
      tell("a stored command cannot be read: it was set aside", error);
      return [];
    }
  };

  return {
    async load(scope, tell) {
      // A scope may be longer than a file name, and hold anything.
      home = join(folder, sha256Hex(scope).slice(0, 32));
      await mkdir(home, { recursive: true });
      const commands: StoredCommand[] = [];
      for (const name of (await readdir(home)).sort()) if (NAME.test(name)) commands.push(...(await read(name, tell)));
      return commands;
    },
    async put(command) {
      const path = pathOf(command.order);
      const file = await open(`${path}.part`, "w");
      try {
        await file.writeFile(JSON.stringify(command));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
    },
    remove: (command) => rm(pathOf(command.order), { force: true }),
    clear: () => rm(home, { recursive: true, force: true }),
  };
}
