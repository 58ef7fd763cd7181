import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION } from "../../src/stores/sqlite/schema.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { FORMER_SCHEMAS, writeFormerFolder } from "./data-folder.ts";
import { RECORDS, SESSION, SNAPSHOTS } from "./evening.ts";
import { readAndGoOn } from "./read-on.ts";

const [OLDER, NEWER] = SNAPSHOTS;

describe("what former programs left in a data folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Today's server reads it and goes on. */
  async function readOn(told: readonly RegExp[] = []): Promise<void> {
    let stores = await openSqliteStores({ folder, thread: "main" });
    const reopen = async () => {
      await stores.close();
      stores = await openSqliteStores({ folder, thread: "main" });
      return stores;
    };
    await readAndGoOn(stores, reopen, told);
    await stores.close();
  }
  function inFile<T>(work: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(join(folder, DATA_FILE));
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  it("[L16] every schema but today's has been written by hand here", () => {
    const former = Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1);
    assert.deepEqual(FORMER_SCHEMAS.slice(0, former.length), former);
  });

  for (const schema of FORMER_SCHEMAS) {
    for (const format of [0, 1] as const) {
      describe(`schema ${schema}, records and snapshots of format ${format}`, () => {
        it("[L16] the newest snapshot and the log after it are read, and written on", async () => {
          await writeFormerFolder(folder, { schema, format, trimmedThrough: OLDER.pos });
          await readOn();
          const version = inFile((db) => db.prepare("PRAGMA user_version").get()?.user_version);
          assert.equal(version, SCHEMA_VERSION);
          const checked = inFile((db) =>
            db.prepare("SELECT count(*) AS n FROM log WHERE crc32 IS NOT NULL AND pos > ?").get(RECORDS.length),
          );
          assert.ok(Number(checked?.n) > 3, "what is written on has no checksum");
        });

        it("[L16] a whole log without snapshots is read, and written on", async () => {
          await writeFormerFolder(folder, { schema, format });
          inFile((db) => db.exec("DELETE FROM snapshot; DELETE FROM snapshot_part"));
          await readOn();
        });

        it("[L18] a damaged newest snapshot is told by name; the one before and the log are read", async () => {
          await writeFormerFolder(folder, { schema, format, trimmedThrough: OLDER.pos });
          inFile((db) =>
            db.exec(
              "UPDATE snapshot_part SET bytes = CAST(replace(bytes, 'gm', 'gn') AS BLOB) WHERE save_id = 'save-1' AND n = 1",
            ),
          );
          await readOn([new RegExp(`^snapshot of session ${SESSION} at position ${NEWER.pos}: checksum is`)]);
        });
      });
    }
  }

  it("[L16] a file in which nothing was written yet is a new one", async () => {
    inFile((db) => db.exec("PRAGMA journal_mode = WAL"));
    const stores = await openSqliteStores({ folder });
    assert.equal(await stores.sessions.find(SESSION), undefined);
    await stores.check();
    await stores.close();
  });
});
