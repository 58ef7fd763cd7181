import assert from "node:assert/strict";
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBackup } from "../../src/stores/sqlite/backup-mark.ts";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { recordAt } from "./records.ts";

const AT = Date.UTC(2026, 10, 24, 20, 15);

describe("a backup that takes the place of a data file", () => {
  let folder: string;
  let file: string;
  let backup: string;

  /** A folder as kill -9 leaves it, with records 1 to 20; its backup has 1 to 10. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    const used = join(folder, "used");
    const stores = await openSqliteStores({ folder: used });
    for (let pos = 1; pos <= 10; pos++) await stores.log.append([recordAt(pos)]);
    backup = (await stores.backups!.make(AT)).file;
    for (let pos = 11; pos <= 20; pos++) await stores.log.append([recordAt(pos)]);
    await cp(used, join(folder, "killed"), { recursive: true });
    await stores.close();
    file = join(folder, "killed", DATA_FILE);
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Starts on a folder, and ends as by kill -9 what it left there. @returns the last position in the log */
  async function startAndKill(at: string, next: number): Promise<number> {
    const stores = await openSqliteStores({ folder: at });
    try {
      await stores.log.append([recordAt(next)]);
      await cp(at, `${at}-left`, { recursive: true });
      return (await stores.log.read("s1", 0, 100)).at(-1)!.pos;
    } finally {
      await stores.close();
      await rm(at, { recursive: true });
      await rename(`${at}-left`, at);
    }
  }

  for (const forReading of [false, true]) {
    const who = forReading ? "a reader" : "a server";
    it(`[X31] is refused to ${who} beside the log of the former file, and is as it was; the log moved away, it starts`, async () => {
      await copyFile(backup, file);
      const before = await readFile(file);
      const opening = openSqliteStores({ folder: join(folder, "killed"), forReading });
      await assert.rejects(opening, /sqlite is a backup, but .*-wal and .*-open are of the file .* move them away/);
      assert.deepEqual(await readFile(file), before);

      await mkdir(join(folder, "aside"));
      for (const path of [`${file}-wal`, markOf(file)]) await rename(path, join(folder, "aside", path.slice(-4)));
      const stores = await openSqliteStores({ folder: join(folder, "killed"), forReading });
      assert.equal((await stores.log.read("s1", 0, 100)).length, 10);
      assert.deepEqual(await stores.archive.faults(), []);
      await stores.close();
      assert.equal(isBackup(file), forReading, "only a server makes it a data file of its own");
    });
  }

  it("[X31] keeps what it records from then on, killed again and again", async () => {
    const at = join(folder, "restored");
    await mkdir(at);
    await copyFile(backup, join(at, DATA_FILE));
    for (let pos = 11; pos <= 13; pos++) assert.equal(await startAndKill(at, pos), pos);
  });

  it("[X31] whose first server was killed before it marked the file as in use is no backup any more", async () => {
    const at = join(folder, "restored");
    await mkdir(at);
    await copyFile(backup, join(at, DATA_FILE));
    await startAndKill(at, 11);
    // As if what the server changed stood in its log alone.
    await copyFile(backup, join(at, DATA_FILE));
    await rm(markOf(join(at, DATA_FILE)));
    for (let pos = 12; pos <= 13; pos++) assert.equal(await startAndKill(at, pos), pos);
  });
});
