import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { DATA_FILE, openSqliteStores, type SqliteOptions } from "../../src/stores/sqlite/stores.ts";
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
  });
}
