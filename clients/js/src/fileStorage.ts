import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "./sha256.ts";
import type { OutboxStorage, StoredCommand } from "./storage.ts";

const NAME = /^\d{16}\.json$/;

/**
 * For Node: a file per waiting command in `folder`, written aside, flushed and renamed, so that a crash leaves whole
 * files only. One process at a time may use a person's outbox.
 */
export function fileStorage(folder: string): OutboxStorage {
  let home = folder;
  const pathOf = (order: number) => join(home, `${String(order).padStart(16, "0")}.json`);
  return {
    async load(scope) {
      // A scope may be longer than a file name, and hold anything.
      home = join(folder, sha256Hex(scope).slice(0, 32));
      await mkdir(home, { recursive: true });
      const names = (await readdir(home)).filter((name) => NAME.test(name)).sort();
      return Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(home, name), "utf8")) as StoredCommand),
      );
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
  };
}
