import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { lossIn } from "../../src/stores/sqlite/loss.ts";
import { DATA_FILE, openSqliteStores, type SqliteOptions } from "../../src/stores/sqlite/stores.ts";
import { WorkerAccess } from "../../src/stores/sqlite/worker-access.ts";
import { recordAt } from "./records.ts";

for (const thread of ["worker", "main"] as const satisfies SqliteOptions["thread"][]) {
  describe(`the mark of a data file in use, on the ${thread} thread`, () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "sessions-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    /** Opens what kill -9 would leave at this moment. @returns the positions in the log */
    async function afterKill(): Promise<number[]> {
      const left = join(folder, "left");
      await cp(join(folder, "used"), left, { recursive: true });
      const stores = await openSqliteStores({ folder: left, thread });
      const found = await stores.log.read("s1", 0, 10);
      await stores.close();
      await rm(left, { recursive: true });
      return found.map(({ pos }) => pos);
    }

    it("[X22] stands only while something stands in the write-ahead log", async () => {
      const used = join(folder, "used");
      const isMarked = () => existsSync(markOf(join(used, DATA_FILE)));
      const stores = await openSqliteStores({ folder: used, thread });
      assert.ok(isMarked());
      await stores.log.append([recordAt(1)]);
      assert.deepEqual(await afterKill(), [1]);
      await stores.scrub();
      assert.ok(!isMarked(), "the log is empty, and nothing of it is missed");
      assert.deepEqual(await afterKill(), [1]);
      await stores.log.append([recordAt(2)]);
      assert.ok(isMarked());
      assert.deepEqual(await afterKill(), [1, 2]);
      await stores.close();
      assert.ok(!isMarked());
    });

    it("[X22] is not taken away by who is refused the file, nor by who only reads it", async () => {
      const used = join(folder, "used");
      const stores = await openSqliteStores({ folder: used, thread });
      await stores.log.append([recordAt(1)]);
      await assert.rejects(openSqliteStores({ folder: used, thread }), /another process uses/);
      assert.ok(existsSync(markOf(join(used, DATA_FILE))));
      await cp(used, join(folder, "left"), { recursive: true });
      const reading = await openSqliteStores({ folder: join(folder, "left"), thread, forReading: true });
      await reading.close();
      assert.ok(existsSync(markOf(join(folder, "left", DATA_FILE))));
      await stores.close();
    });

    it("[X22] goes before a program that is too old for the file closes it: the newer one starts again", async () => {
      const used = join(folder, "used");
      const stores = await openSqliteStores({ folder: used, thread });
      await stores.log.append([recordAt(1)]);
      await cp(used, join(folder, "newer"), { recursive: true });
      await stores.close();
      const newer = join(folder, "newer", DATA_FILE);
      const db = new DatabaseSync(newer);
      db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 999");
      const left = join(folder, "left");
      await cp(join(folder, "newer"), left, { recursive: true });
      db.close();
      assert.ok(existsSync(markOf(join(left, DATA_FILE))));
      await assert.rejects(openSqliteStores({ folder: left, thread }), /written by a newer version/);
      assert.equal(lossIn(join(left, DATA_FILE), false), undefined);
    });
  });
}

it("[X22] the mark goes with a thread that dies: it closes the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessions-"));
  const path = join(folder, DATA_FILE);
  try {
    const access = await WorkerAccess.open({ path });
    await access.call("append", [{ sessionId: "s1", records: [recordAt(1)], projection: {} }]);
    assert.ok(existsSync(markOf(path)));
    await access.killThread();
    assert.equal(lossIn(path, false), undefined);
    // The next thread marks it again.
    await access.call("append", [{ sessionId: "s1", records: [recordAt(2)], projection: {} }]);
    assert.ok(existsSync(markOf(path)));
    await access.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("[X22] a mark that cannot be taken away keeps the file from nobody else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessions-"));
  const mark = markOf(join(folder, DATA_FILE));
  try {
    const stores = await openSqliteStores({ folder, thread: "main" });
    await rm(mark);
    await mkdir(mark);
    await assert.rejects(stores.close(), { code: "ERR_FS_EISDIR" });
    await rmdir(mark);
    const again = await openSqliteStores({ folder, thread: "main" });
    await again.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
