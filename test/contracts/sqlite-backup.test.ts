import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { wholeLog } from "../support/whole-log.ts";
import { recordAt } from "./records.ts";

const AT = Date.UTC(2026, 10, 24, 20, 15);
const LARGE = "x".repeat(40_000);

describe("backups of a SQLite store", () => {
  let folder: string;
  let stores: Stores;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    stores = await openSqliteStores({ folder });
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  const append = (pos: number) =>
    stores.log.append([recordAt(pos, { content: { kind: "opened", process: `${pos} ${LARGE}` } })]);

  /** What a store that is started on a backup has of the log. */
  async function restored(file: string): Promise<number[]> {
    const elsewhere = await mkdtemp(join(tmpdir(), "restored-"));
    await rename(file, join(elsewhere, DATA_FILE));
    const copy = await openSqliteStores({ folder: elsewhere });
    try {
      assert.deepEqual(await copy.archive.faults(), []);
      return (await wholeLog(copy.log, "s1")).map(({ pos }) => pos);
    } finally {
      await copy.close();
      await rm(elsewhere, { recursive: true });
    }
  }

  it("[L25] holds all that was acknowledged before, and a whole beginning of what came meanwhile", async () => {
    for (let pos = 1; pos <= 200; pos++) await append(pos);
    let pos = 200;
    let isMaking = true;
    const writing = (async () => {
      while (isMaking) await append(++pos);
    })();
    const backup = await stores.backups!.make(AT);
    isMaking = false;
    await writing;
    assert.ok(pos > 201, "appends went on");
    assert.equal(backup.file, join(folder, "backups", "2026-11-24T20-15-00.000Z.sqlite"));
    assert.equal((await stat(backup.file)).size, backup.bytes);
    assert.deepEqual(await readdir(join(folder, "backups")), ["2026-11-24T20-15-00.000Z.sqlite"]);

    const there = await restored(backup.file);
    assert.ok(there.length >= 200 && there.length <= pos, `${there.length} of ${pos}`);
    assert.deepEqual(
      there,
      Array.from({ length: there.length }, (_, i) => i + 1),
    );
  });

  it("[L25] makes one for all who ask at the same time, and another later", async () => {
    await append(1);
    const { backups } = stores;
    const [one, two] = await Promise.all([backups!.make(AT), backups!.make(AT + 1)]);
    assert.equal(one, two);
    const later = await backups!.make(AT + 2);
    assert.notEqual(later.file, one.file);
    assert.equal((await readdir(join(folder, "backups"))).length, 2);
  });

  it("[L25] takes no harm from what a crash left of an earlier one", async () => {
    await append(1);
    await mkdir(join(folder, "backups"));
    await writeFile(join(folder, "backups", "unfinished"), "half a page");
    assert.deepEqual(await restored((await stores.backups!.make(AT)).file), [1]);
    assert.deepEqual(await readdir(join(folder, "backups")), []);
  });

  it("[L25] says that there is none where it cannot be written, and goes on", async () => {
    await append(1);
    await writeFile(join(folder, "backups"), "a file where the folder should be");
    await assert.rejects(stores.backups!.make(AT), StoreUnavailable);
    await append(2);
    assert.equal((await stores.log.read("s1", 0, 10)).length, 2);
  });

  it("[L25] can be closed while one is being made", async () => {
    for (let pos = 1; pos <= 300; pos++) await append(pos);
    const making = stores.backups!.make(AT).then(
      () => "made",
      (error: Error) => error.name,
    );
    await stores.close();
    const ending = await making;
    assert.ok(["made", "StoreUnavailable"].includes(ending), ending);
    stores = await openSqliteStores({ folder });
    assert.equal((await stores.log.read("s1", 299, 10)).length, 1);
  });
});
